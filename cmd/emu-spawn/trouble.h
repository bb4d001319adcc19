#ifndef TROUBLE_H
#define TROUBLE_H

#include <stddef.h>
#include <stdint.h>

/* What the host knows of an end that the emulator cannot explain. */

/* How many processes of our cgroup the kernel has killed because its memory ran
 * out: oom_kill in memory.events of version 2, in memory.oom_control of version
 * 1 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst). 0 when
 * that is not known. */
uint64_t trouble_oom_kills(void);

/* Explains what QEMU complained about in the errors (NUL-terminated): a tap
 * interface that is busy, or a host port that is in use. Stores who holds it,
 * "tap qemu is held by 123 (qemu-system-x86)", as far as /proc lets us see, or
 * "" when there is nothing to explain. */
void trouble_holder(const char *errors, char *text, size_t size);

#endif
