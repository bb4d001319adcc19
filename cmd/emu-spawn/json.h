#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Just enough JSON for a line of QMP. A library would cost more memory than all
 * of emu-spawn. */

/* Tells whether text[0..len) is one JSON object, at most 32 deep, surrounded by
 * white space at most. */
bool json_valid(const char *text, size_t len);

/* Finds a member of the object in text[0..len), which json_valid accepted:
 * path names the members to descend by, "data/reason". Copies a string's bytes
 * up to the first escape sequence, or any other value as it is written, cut to
 * size - 1. Returns whether the member is there. */
bool json_find(
    const char *text, size_t len, const char *path, char *value, size_t size);

#endif
