#ifndef CONSOLE_H
#define CONSOLE_H

#include "ports.h"

/* Makes the ports of a console, which they share with each other
 * (shared_line.h), for a kernel that has no virtio-serial. A thread carries
 * their bytes. The kernel's messages would come between: all but the gravest
 * are kept back. Returns 0, or -1 with errno. */
int console_open(struct ports *ports);

#endif
