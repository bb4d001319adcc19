#include "run.h"

#include "document.h"
#include "field.h"
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 2000, BOOTED_BYTES = 300 };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && memcmp(text + len - n, end, n) == 0;
}

/* "out/boot-7.json" is boot-7, and so is "boot-7/record". */
static char *
name_of(const char *file)
{
	const char *base = base_name(file);
	size_t len = strlen(base);

	if (ends_with(base, len, ".json"))
		len -= strlen(".json");
	if (ends_with(base, len, ".record"))
		len -= strlen(".record");
	if (base > file + 1 && len == 6 && memcmp(base, "record", 6) == 0) {
		const char *end = base - 1;

		for (base = end; base > file && base[-1] != '/';)
			base--;
		len = (size_t)(end - base);
	}
	return strndup(base, len);
}

/* The end of the text, from the beginning of a line on, without escape
 * sequences. */
static char *
plain_tail(const char *text)
{
	struct plain plain = {.keep_stamps = true};
	size_t len = strlen(text);

	if (len > LINE_BYTES) {
		const char *cut = text + len - LINE_BYTES;
		const char *newline = strchr(cut, '\n');

		text = newline != NULL ? newline + 1 : cut;
		len = strlen(text);
	}
	char *out = malloc(len + PLAIN_EXTRA + PLAIN_EXTRA + 1);
	if (out == NULL)
		return NULL;
	size_t n = plain_feed(&plain, text, len, out, NULL, NULL);
	n += plain_end(&plain, out + n, NULL, NULL);
	while (n > 0 && out[n - 1] == '\n')
		n--;
	out[n] = '\0';
	return out;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* The files that were booted, or else the emulator. */
static char *
booted_of(const json_t *root)
{
	char text[BOOTED_BYTES] = "";
	const json_t *image;
	size_t i, len = 0;

	json_array_foreach(json_object_get(root, "images"), i, image)
	{
		const char *path = base_name(text_of(image, "path"));

		if (path[0] != '\0' && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", len > 0 ? ", " : "", path);
	}
	if (len > 0)
		return strdup(text);
	const char *program =
	    json_string_value(json_array_get(json_object_get(root, "argv"), 0));
	return strdup(program != NULL ? base_name(program) : "");
}

/* Returns 0, or -1 with what is wrong with the record. */
static int
take(struct run *run, const struct document *document, struct reason *why)
{
	const json_t *root = document->root;
	const json_t *end = json_object_get(root, "end");
	const char *cause = "", *name = "", *line = "";
	int64_t status = -1;

	if (field_integer(document, root, "", "status", 0, 255, &status, why) <
		0 ||
	    field_string(document, root, "", "cause", &cause, why) < 0 ||
	    field_string(document, root, "", "name", &name, why) < 0 ||
	    field_string(document, root, "", "line", &line, why) < 0)
		return -1;
	if (status < 0 || cause[0] == '\0')
		return reason_set(
		    why, "%s: no record of emu-spawn's", document->name);
	if (name[0] != '\0') {
		free(run->name);
		run->name = strdup(name);
	}
	run->whole = true;
	run->passed = status == 0;
	run->status = (int)status;
	run->cause = strdup(cause);
	run->reason = strdup(text_of(root, "reason"));
	run->start = strdup(text_of(root, "start"));
	run->host = strdup(text_of(root, "host"));
	run->booted = booted_of(root);
	run->line = plain_tail(line);
	run->end = json_is_number(end) ? json_number_value(end) : -1;
	return 0;
}

/* What is not known is "". Returns 0, or -1 when memory is short. */
static int
complete(struct run *run)
{
	char **texts[] = {&run->name, &run->file, &run->cause, &run->reason,
	    &run->start, &run->host, &run->booted, &run->line};
	int result = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (*texts[i] == NULL)
			*texts[i] = strdup("");
		if (*texts[i] == NULL)
			result = -1;
	}
	return result;
}

int
run_read(struct run *run, const char *file)
{
	struct document document;
	struct reason why = {""};

	*run = (struct run){
	    .name = name_of(file), .file = strdup(file), .end = -1};
	if (document_read(&document, file, &why) < 0 ||
	    take(run, &document, &why) < 0) {
		run->cause = strdup("record");
		run->reason = strdup(why.text);
	}
	document_free(&document);
	return complete(run);
}

int
run_missing(struct run *run, const char *name)
{
	*run = (struct run){.name = strdup(name),
	    .cause = strdup("record"),
	    .reason = strdup("no record"),
	    .end = -1};
	return complete(run);
}

void
run_free(struct run *run)
{
	free(run->name);
	free(run->file);
	free(run->cause);
	free(run->reason);
	free(run->start);
	free(run->host);
	free(run->booted);
	free(run->line);
}
