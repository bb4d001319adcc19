#ifndef LOCAL_SOCKET_H
#define LOCAL_SOCKET_H

#include <stdbool.h>
#include <sys/un.h>

/* Stores an address for path that goes through a descriptor of its directory,
 * so that only the last component must fit into sun_path. Returns the
 * descriptor, which the caller closes after using the address, or -1 with errno
 * set. */
int local_socket_address(struct sockaddr_un *address, const char *path);

/* Tells whether a process has a stream socket at that path, without a
 * connection, which would be its first: some serve only one. */
bool local_socket_is_bound(const char *path);

/* Removes the file at that path if it is a socket of this user on which no
 * process listens. Returns whether it was removed. */
bool local_socket_remove_dead(const char *path);

#endif
