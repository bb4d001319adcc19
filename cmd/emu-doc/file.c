#include "file.h"

#include "document.h"
#include "packed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool
is_pipe(const char *name)
{
	struct stat st;

	if (strcmp(name, "-") == 0)
		return true;
	return stat(name, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static int
read_json(struct file *file, struct reason *why)
{
	file->kind.class = KIND_JSON;
	file->json = document_parse_file(file->name, why);
	return file->json == NULL ? -1 : 0;
}

static int
refuse(struct file *file)
{
	const struct kind *kind = &file->kind;

	file->useless = true;
	if (kind->class == KIND_USELESS)
		reason_set(&file->refusal, "%s: %s, nothing to boot",
		    file->name, kind->what);
	else
		reason_set(&file->refusal, "%s: %s: %s", file->name, kind->what,
		    kind->wrong);
	return 0;
}

int
file_look(struct file *file, const char *name, struct reason *why)
{
	struct source source;
	int result = -1;

	file->name = name;
	if (is_pipe(name))
		return read_json(file, why);
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
	else if (kind->class == KIND_JSON)
		result = read_json(file, why);
	else if (kind->class == KIND_USELESS || kind->wrong != NULL)
		result = refuse(file);
	else
		result = 0;
out:
	source_close(&source);
	return result;
}

void
file_free(struct file *file)
{
	free(file->rests_on);
	json_decref(file->json);
}
