#ifndef INITRD_H
#define INITRD_H

#include "guest.h"
#include "modules.h"
#include "reason.h"

/* Writes an initrd (cpio, newc) to fd: the init, which is the file at that
 * path, what it needs to know and its modules, in order. Returns 0, or -1 with
 * the reason; `name` is what messages call fd's file. */
int initrd_write(int fd, const char *name, const char *init,
    const struct guest *guest, const struct modules *modules,
    struct reason *why);

#endif
