#ifndef VOLUME_JSON_H
#define VOLUME_JSON_H

#include "volume.h"

#include <jansson.h>
#include <stdint.h>

/* Everything that is known of an FVM, sound or not, in a file of that name and
 * size, and what is wrong with one that has metadata (NULL: nothing). Numbers
 * from 2^63 on, which JSON readers cannot be trusted with, are strings. The
 * caller owns the value. */
json_t *volume_json(const struct volume *volume, const char *name,
    uint64_t size, const char *problem);

#endif
