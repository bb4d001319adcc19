#ifndef LOCAL_SOCKET_H
#define LOCAL_SOCKET_H

#include <stdbool.h>
#include <sys/un.h>

/* Stores an address for path by way of a descriptor of its directory, so that
 * only the last component has to fit into sun_path. Returns that descriptor, to
 * be closed once the address was used, or -1 with errno set. */
int local_socket_address(struct sockaddr_un *address, const char *path);

/* Removes the file at the address if it is a socket of this user that nobody
 * listens on. Returns whether it did. */
bool local_socket_remove_dead(const struct sockaddr_un *address);

#endif
