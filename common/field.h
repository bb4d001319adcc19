#ifndef FIELD_H
#define FIELD_H

#include "document.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* An object in a document, whose values are read one after another. Initialize
 * with {document, object, prefix, why}. */
struct fields {
	const struct document *document;
	const json_t *object;
	const char *prefix; /* where the object is: "" for the document itself,
			       "minfs.", "images[3]." */
	struct reason *why;
	bool
	    failed; /* *why is set: "<stdin>: minfs.image: expected a string" */
};

/* Read the value of a key and check its type. If the key is absent, its value
 * null or of another type, or an earlier read from *fields failed, *value is
 * left unchanged. The first failure is kept in *fields. Strings and arrays are
 * borrowed from the document. */
void field_string(struct fields *fields, const char *key, const char **value);
void field_bool(struct fields *fields, const char *key, bool *value);
void field_array(struct fields *fields, const char *key, json_t **value);

/* Like field_string, for keys where "" means absent. */
void field_text(struct fields *fields, const char *key, const char **value);

/* Refuses numbers that are not integers (1e3, 4.0), and those outside min to
 * max. */
void field_integer(struct fields *fields, const char *key, int64_t min,
    int64_t max, int64_t *value);

/* Fails, unless an earlier read did. The formatted text says what is wrong with
 * the value of the key. */
void field_refuse(struct fields *fields, const char *key, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#endif
