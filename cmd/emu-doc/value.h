#ifndef VALUE_H
#define VALUE_H

#include <jansson.h>

/* Values of the document that is made. Where memory is short, the program
 * ends. */

/* Both take the value, which may be NULL for want of memory. */
void value_set(json_t *object, const char *key, json_t *value);
void value_append(json_t *array, json_t *value);

/* The path made absolute, from the directory, or from the current one when that
 * is NULL. One that is not UTF-8 ends the program. */
json_t *value_path(const char *directory, const char *path);

/* The string of that key; "" when there is none. */
const char *value_text(const json_t *object, const char *key);

#endif
