#ifndef INPUT_H
#define INPUT_H

#include "reason.h"

#include <stddef.h>

/* Reads the whole file called name, or stdin when name is NULL or "-". Stores
 * the bytes, which the caller frees and which a NUL follows that is not
 * counted, and their number. A file of more than limit bytes is an error, which
 * is found before all is read. Returns 0, or -1 with the reason. */
int input_read(const char *name, size_t limit, char **bytes, size_t *len,
    struct reason *why);

/* The same for an open file, which stays open and which messages call name. */
int input_read_fd(int fd, const char *name, size_t limit, char **bytes,
    size_t *len, struct reason *why);

/* Returns what messages call the input: name, or "<stdin>" for NULL and "-". */
const char *input_name(const char *name);

#endif
