#ifndef ENTRY_H
#define ENTRY_H

#include "document.h"
#include "image.h"
#include "reason.h"

#include <stdint.h>

/* Checks what an entry says of its file, open as fd, which has `size` bytes:
 * its `size` and `sha256` have to be right, as emu-stage has it, and nothing
 * may be left for emu-stage to do (`extract` and the like). Returns 0, or -1
 * with the reason. */
int entry_check(const struct document *document, const struct image *image,
    int fd, uint64_t size, struct reason *why);

#endif
