#include "recipe.h"

#include "extent_copy.h"

#include <inttypes.h>
#include <strings.h>

const char *
recipe_name(const struct recipe *recipe)
{
	return recipe->source != NULL ? recipe->source : recipe->member;
}

int
recipe_digest(int fd, uint64_t size, char text[DIGEST_TEXT])
{
	struct digest digest;
	struct extent_copy look = {
	    .in = fd, .out = -1, .see = digest_add, .context = &digest};

	digest_start(&digest);
	int result = extent_copy(&look, 0, 0, size);
	digest_end_text(&digest, text);
	return result;
}

int
recipe_check(const struct recipe *recipe, uint64_t max, struct reason *why)
{
	if (recipe->size > max)
		return reason_set(why,
		    "%s: %" PRIu64 " bytes, more than -M allows",
		    recipe_name(recipe), recipe->size);
	if (recipe->want_size >= 0 &&
	    (uint64_t)recipe->want_size != recipe->size)
		return reason_set(why,
		    "%s: has %" PRIu64 " bytes, not the %" PRId64
		    " of its size",
		    recipe_name(recipe), recipe->size, recipe->want_size);
	if (recipe->sha256 != NULL && recipe->digest[0] != '\0' &&
	    strcasecmp(recipe->sha256, recipe->digest) != 0)
		return reason_set(why, "%s: has sha256 %s, not %s",
		    recipe_name(recipe), recipe->digest, recipe->sha256);
	return 0;
}
