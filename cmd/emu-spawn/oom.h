#ifndef OOM_H
#define OOM_H

#include <stdint.h>

/* How many processes of our cgroup the kernel has killed because its memory ran
 * out: oom_kill in memory.events of version 2, in memory.oom_control of version
 * 1 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst). 0 when
 * that is not known. */
uint64_t oom_kills(void);

#endif
