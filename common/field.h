#ifndef FIELD_H
#define FIELD_H

#include "document.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Typed access to the fields of an object in a document. `prefix` is where the
 * object is ("" for the document itself, "minfs.", "images[3].") and goes into
 * the reason: "<stdin>: minfs.image: expected a string". JSON null counts as
 * absent. All return 0, also when the field is absent and *value is left as it
 * was, or -1 with the reason. */
int field_string(const struct document *document, const json_t *object,
    const char *prefix, const char *key, const char **value,
    struct reason *why);

/* The same, for fields where "" means absent too. */
int field_text(const struct document *document, const json_t *object,
    const char *prefix, const char *key, const char **value,
    struct reason *why);

/* Integers only (1e3 and 4.0 are refused), from min to max. */
int field_integer(const struct document *document, const json_t *object,
    const char *prefix, const char *key, int64_t min, int64_t max,
    int64_t *value, struct reason *why);

int field_bool(const struct document *document, const json_t *object,
    const char *prefix, const char *key, bool *value, struct reason *why);

/* The value is borrowed from the document. */
int field_array(const struct document *document, const json_t *object,
    const char *prefix, const char *key, json_t **value, struct reason *why);
int field_object(const struct document *document, const json_t *object,
    const char *prefix, const char *key, json_t **value, struct reason *why);

#endif
