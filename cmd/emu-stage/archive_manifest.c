#include "archive_manifest.h"

#include "../fatal.h"
#include "image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a path from the top of the archive leads out of it. */
static bool
leads_out(const char *path)
{
	int depth = 0;

	while (depth >= 0 && *path != '\0') {
		size_t n = strcspn(path, "/");

		if (n == 2 && strncmp(path, "..", 2) == 0)
			depth--;
		else if (n > 0 && strncmp(path, ".", n) != 0)
			depth++;
		path += n + (path[n] == '/');
	}
	return depth < 0;
}

/* Joins the entry's path to the manifest's directory. */
static void
join(json_t *entry, const char *manifest, const char *place)
{
	const char *slash = strrchr(manifest, '/');
	int len = slash == NULL ? 0 : (int)(slash + 1 - manifest);
	const char *path = json_string_value(json_object_get(entry, "path"));
	char *joined;

	if (path == NULL || path[0] == '\0')
		return;
	if (asprintf(&joined, "%.*s%s", len, manifest, path) < 0)
		fatal_memory();
	if (path[0] == '/' || leads_out(joined))
		fatal(
		    "%s.path: \"%s\" is no member of the archive", place, path);
	if (json_object_set_new(entry, "path", json_string(joined)) < 0)
		fatal_memory();
	free(joined);
}

static void
take(json_t *entry, const char *manifest, const char *place)
{
	/* What names files of the host. */
	static const char *const callers[] = {"staged", "backing"};

	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		if (json_object_get(entry, callers[i]) != NULL)
			fatal("%s.%s: an archive cannot say that", place,
			    callers[i]);
	}
	join(entry, manifest, place);
}

void
archive_manifest_add(
    struct document *document, const char *archive, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "manifest"));
	const json_t *text = json_object_get(line, "text");
	char called[1200], place[1250];
	struct reason why;
	size_t i;
	json_t *entry;

	if (name == NULL || !json_is_string(text))
		return;
	snprintf(called, sizeof(called), "%s: %s", archive, name);
	json_t *entries = document_parse_text(
	    called, json_string_value(text), json_string_length(text), &why);
	fatal_if(entries == NULL, &why);
	json_array_foreach(entries, i, entry)
	{
		snprintf(place, sizeof(place), "%s: [%zu]", called, i);
		take(entry, name, place);
	}
	fatal_if(images_add_entries(document, entries, called, NULL, &why) < 0,
	    &why);
	json_decref(entries);
}
