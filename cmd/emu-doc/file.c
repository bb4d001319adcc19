#include "file.h"

#include "packed.h"

#include <errno.h>
#include <string.h>

int
file_look(struct file *file, const char *name, struct reason *why)
{
	struct source source;
	int result = -1;

	file->name = name;
	if (strcmp(name, "-") == 0) {
		file->kind = (struct kind){.class = KIND_JSON};
		return 0;
	}
	if (source_open(&source, name, why) < 0)
		return -1;
	kind_of(&source, &file->kind);
	const struct kind *kind = &file->kind;
	if (kind->class == KIND_PACKED &&
	    packed_look(&source, name, &file->kind, why) < 0)
		goto out;
	errno = source.error;
	if (source.error != 0)
		reason_errno(why, "%s", name);
	else if (source.size == 0)
		reason_set(why, "%s: empty", name);
	else if (kind->class == KIND_USELESS)
		reason_set(why, "%s: %s, nothing to boot", name, kind->what);
	else if (kind->wrong != NULL)
		reason_set(why, "%s: %s: %s", name, kind->what, kind->wrong);
	else
		result = 0;
out:
	source_close(&source);
	return result;
}
