#ifndef JSON_VALUES_H
#define JSON_VALUES_H

#include <jansson.h>

/* These add a value, which they take over, to an object or an array. When there
 * is no memory for it, or it is NULL, the whole goes, and is NULL from then on:
 * nothing is printed without what belongs to it. */
void json_put(json_t **object, const char *key, json_t *value);
void json_put_item(json_t **array, json_t *value);

/* Text with a file's name in it is left out when it is not UTF-8. */
void json_put_text(json_t **object, const char *key, const char *text);

#endif
