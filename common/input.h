#ifndef INPUT_H
#define INPUT_H

#include "reason.h"

#include <stddef.h>

/* Reads the file named, or stdin when name is NULL or "-", whole. Stores the
 * bytes (followed by a NUL that is not counted), which the caller frees, and
 * their number. More than limit bytes are an error, found before they are all
 * read. Returns 0, or -1 with the reason. */
int input_read(const char *name, size_t limit, char **bytes, size_t *len,
    struct reason *why);

/* What messages call the input: the name, or "<stdin>" for NULL and "-". */
const char *input_name(const char *name);

#endif
