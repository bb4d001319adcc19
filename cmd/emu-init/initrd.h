#ifndef INITRD_H
#define INITRD_H

#include "../new_files.h"
#include "modules.h"
#include "options.h"

/* Makes an initrd (cpio, newc) in the private directory that the options name:
 * the init for the target, its configuration, and the modules in their order.
 * It is one of *files, which give it its name and own its absolute path, which
 * is returned. An error, also that the file exists, ends the program. */
const char *initrd_make(const struct options *options, const char *target,
    const struct modules *modules, struct new_files *files);

#endif
