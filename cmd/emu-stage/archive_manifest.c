#include "archive_manifest.h"

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
static int
join(json_t *entry, const char *manifest, const char *place, struct reason *why)
{
	const char *slash = strrchr(manifest, '/');
	int len = slash == NULL ? 0 : (int)(slash + 1 - manifest);
	const char *path = json_string_value(json_object_get(entry, "path"));
	char *joined;

	if (path == NULL || path[0] == '\0')
		return 0;
	if (asprintf(&joined, "%.*s%s", len, manifest, path) < 0)
		return reason_memory(why);
	int r = 0;
	if (path[0] == '/' || leads_out(joined))
		r = reason_set(why,
		    "%s.path: \"%s\" is no member of the archive", place, path);
	else if (json_object_set_new(entry, "path", json_string(joined)) < 0)
		r = reason_memory(why);
	free(joined);
	return r;
}

static int
take(json_t *entry, const char *manifest, const char *place, struct reason *why)
{
	/* What names files of the host. */
	static const char *const callers[] = {"staged", "backing"};

	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		if (json_object_get(entry, callers[i]) != NULL)
			return reason_set(why,
			    "%s.%s: an archive cannot say that", place,
			    callers[i]);
	}
	return join(entry, manifest, place, why);
}

int
archive_manifest_add(struct document *document, const char *archive,
    const json_t *line, struct reason *why)
{
	const char *name = json_string_value(json_object_get(line, "manifest"));
	const json_t *text = json_object_get(line, "text");
	char *called;
	size_t i;
	json_t *entry;
	int result = 0;

	if (name == NULL || !json_is_string(text))
		return 0;
	if (asprintf(&called, "%s: %s", archive, name) < 0)
		return reason_memory(why);
	json_t *entries = document_parse_text(
	    called, json_string_value(text), json_string_length(text), why);
	if (entries == NULL)
		result = -1;
	json_array_foreach(entries, i, entry)
	{
		char place[1200];

		snprintf(place, sizeof(place), "%s: [%zu]", called, i);
		if (result == 0)
			result = take(entry, name, place, why);
	}
	if (result == 0)
		result =
		    images_add_entries(document, entries, called, NULL, why);
	json_decref(entries);
	free(called);
	return result;
}
