#include "record.h"

#include "document.h"
#include "field.h"
#include "json_text.h"
#include "output_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
record_read(const char *file, struct record *record, struct reason *why)
{
	struct document document;
	const char *cause = "";
	int64_t status = -1;

	*record = (struct record){0};
	int result = document_read(&document, file, why);
	struct fields root = {&document, document.root, "", why, result < 0};
	field_integer(&root, "status", 0, 255, &status);
	field_string(&root, "cause", &cause);
	if (root.failed)
		result = -1;
	else if (status < 0)
		result = reason_set(why, "%s: status: missing", file);
	if (result == 0) {
		record->status = (int)status;
		snprintf(record->cause, sizeof(record->cause), "%s", cause);
	}
	document_free(&document);
	return result;
}

int
record_verdict(const struct record *record, int own)
{
	return record->status != 0 && record->status != 123 ? record->status
							    : own;
}

int
record_write(json_t *object, const char *file, struct reason *why)
{
	char *text =
	    object == NULL
		? NULL
		: json_text(object, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	json_decref(object);
	if (text == NULL)
		return reason_memory(why);
	size_t len = strlen(text);
	text[len] = '\n';
	int result = output_file_write(file, text, len + 1, why);
	free(text);
	return result;
}
