#ifndef FIELD_H
#define FIELD_H

#include "document.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Read a value of an object in a document and check its type. `prefix` is where
 * the object is ("" for the document itself, "minfs.", "images[3]."), for the
 * reason: "<stdin>: minfs.image: expected a string". If the key is absent, or
 * its value null, *value is left unchanged. Strings, arrays and objects are
 * borrowed from the document. All return 0, or -1 with the reason. */
int field_string(const struct document *document, const json_t *object,
    const char *prefix, const char *key, const char **value,
    struct reason *why);

/* Like field_string, for keys where "" means absent. */
int field_text(const struct document *document, const json_t *object,
    const char *prefix, const char *key, const char **value,
    struct reason *why);

/* Refuses numbers that are not integers (1e3, 4.0), and those outside min to
 * max. */
int field_integer(const struct document *document, const json_t *object,
    const char *prefix, const char *key, int64_t min, int64_t max,
    int64_t *value, struct reason *why);

int field_bool(const struct document *document, const json_t *object,
    const char *prefix, const char *key, bool *value, struct reason *why);

/* The value is borrowed from the document. */
int field_array(const struct document *document, const json_t *object,
    const char *prefix, const char *key, json_t **value, struct reason *why);

#endif
