#include "entry.h"

#include "digest.h"
#include "extent_copy.h"
#include "field.h"

#include <inttypes.h>
#include <strings.h>

static int
check_size(
    const struct image *image, uint64_t size, int64_t want, struct reason *why)
{
	if (want < 0 || (uint64_t)want == size)
		return 0;
	return reason_set(why,
	    "%s: has %" PRIu64 " bytes, not the %" PRId64 " of its size",
	    image->path, size, want);
}

static int
digest_file(int fd, uint64_t size, char text[DIGEST_TEXT])
{
	struct digest digest;
	struct extent_copy copy = {
	    .in = fd, .out = -1, .see = digest_add, .context = &digest};

	digest_start(&digest);
	int result = extent_copy(&copy, 0, 0, size);
	digest_end_text(&digest, text);
	return result;
}

static int
check_digest(const struct image *image, int fd, uint64_t size, const char *want,
    struct reason *why)
{
	char text[DIGEST_TEXT];

	if (want == NULL)
		return 0;
	if (digest_file(fd, size, text) < 0)
		return reason_errno(why, "%s", image->path);
	if (strcasecmp(text, want) == 0)
		return 0;
	return reason_set(
	    why, "%s: has sha256 %s, not %s", image->path, text, want);
}

int
entry_check(const struct document *document, const struct image *image, int fd,
    uint64_t size, struct reason *why)
{
	static const char wishes[][12] = {"extract", "decompress", "convert"};
	const char *sha256 = NULL;
	int64_t want = -1;
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "images[%zu].", image->index);
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		const json_t *wish = json_object_get(image->entry, wishes[i]);

		if (wish != NULL && !json_is_null(wish) && !json_is_false(wish))
			return reason_set(why,
			    "%s: %s%s: emu-stage has to do that first",
			    document->name, prefix, wishes[i]);
	}
	if (field_integer(document, image->entry, prefix, "size", 0, INT64_MAX,
		&want, why) < 0 ||
	    field_text(document, image->entry, prefix, "sha256", &sha256, why) <
		0 ||
	    check_size(image, size, want, why) < 0)
		return -1;
	return check_digest(image, fd, size, sha256, why);
}
