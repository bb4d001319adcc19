#ifndef VALUE_H
#define VALUE_H

#include <jansson.h>

/* Making the values of a document. The program ends when memory is short. */

/* Both steal the reference to the value. A value that is NULL means that memory
 * was short. */
void value_set(json_t *object, const char *key, json_t *value);
void value_append(json_t *array, json_t *value);

/* Returns the path made absolute, from the directory, or from the current
 * directory when that is NULL. A path that is not UTF-8 ends the program. */
json_t *value_path(const char *directory, const char *path);

#endif
