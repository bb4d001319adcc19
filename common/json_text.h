#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <jansson.h>

/* Prints a value as json_dumps(3) does, which the caller frees. NULL when
 * memory is short, where jansson (2.14) may print on without what it could not
 * hold. */
char *json_text(const json_t *value, size_t flags);

#endif
