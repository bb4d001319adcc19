#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* Returns what json_dumps prints for the value, which the caller frees. Returns
 * NULL when memory is short, unlike jansson 2.14, which may then leave out part
 * of the text. */
char *json_text(const json_t *value, size_t flags);

/* Returns a string value made from any bytes. What is not UTF-8 becomes U+FFFD,
 * and so does a NUL, which many JSON readers refuse. Returns NULL when memory
 * is short. */
json_t *json_text_value(const char *bytes, size_t len);

/* Returns the string that the key has, which the object owns, or "". */
const char *json_text_at(const json_t *object, const char *key);

#endif
