#include "image_claim.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static bool
is_digest(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF") == 64 && text[64] == '\0';
}

void
image_claim_read(struct image_claim *claim, struct fields *entry)
{
	*claim = (struct image_claim){.size = -1};
	field_text(entry, "sha256", &claim->sha256);
	field_integer(entry, "size", 0, INT64_MAX, &claim->size);
	if (claim->sha256 != NULL && !is_digest(claim->sha256))
		field_refuse(entry, "sha256", "expected 64 hexadecimal digits");
}

int
image_claim_check(const struct image_claim *claim, const char *name,
    uint64_t size, const char *digest, struct reason *why)
{
	if (claim->size >= 0 && (uint64_t)claim->size != size)
		return reason_set(why,
		    "%s: has %" PRIu64 " bytes, not the %" PRId64
		    " of its size",
		    name, size, claim->size);
	if (claim->sha256 != NULL && digest[0] != '\0' &&
	    strcasecmp(claim->sha256, digest) != 0)
		return reason_set(why, "%s: has sha256 %s, not %s", name,
		    digest, claim->sha256);
	return 0;
}
