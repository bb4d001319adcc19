#ifndef HOST_ID_H
#define HOST_ID_H

#include <stdint.h>

/* Returns a number that identifies this machine and PID namespace. It tells the
 * leftovers of this host in `directory` (a descriptor) from those of other
 * hosts, whose processes cannot be seen from here. On a file system that other
 * machines may have mounted, the number also depends on this boot, because
 * machines made from one image share /etc/machine-id (machine-id(5)), and on
 * the mount, because locks may not be shared between mounts. */
uint32_t host_id(int directory);

#endif
