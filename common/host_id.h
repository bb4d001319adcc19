#ifndef HOST_ID_H
#define HOST_ID_H

#include <stdint.h>

/* A number for where we run, to tell what was left in `directory` (a
 * descriptor) by this machine and PID namespace from what others left: a lock
 * says nothing of processes that cannot be seen from here. On a file system
 * that other machines may have mounted the number is of this boot too, since
 * machines made from one image share /etc/machine-id (machine-id(5)), and of
 * the mount: another one of the same files may have locks of its own. */
uint32_t host_id(int directory);

#endif
