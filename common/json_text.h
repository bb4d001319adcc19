#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* Prints a value as json_dumps(3) does, which the caller frees. NULL when
 * memory is short, where jansson (2.14) may print on without what it could not
 * hold. */
char *json_text(const json_t *value, size_t flags);

/* A string value of any bytes: what is no UTF-8, and a NUL, which many a reader
 * of JSON refuses, becomes U+FFFD. NULL when memory is short. */
json_t *json_text_value(const char *bytes, size_t len);

#endif
