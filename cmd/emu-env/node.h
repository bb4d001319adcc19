#ifndef NODE_H
#define NODE_H

#include "mac.h"

#include <stddef.h>

enum { NODE_NAME = 64, NODE_ADDRESS = 64 }; /* bytes, with the NUL */

/* Stores the name that Fuchsia's device-name-provider makes from an address:
 * four words ("step-atom-yard-juicy"), or, in its second style, hex digits
 * ("fuchsia-5254-0063-5e7a"). The words are read from share/node-words; an
 * error there ends the program. */
void node_words(const struct mac *mac, char *name, size_t size);
void node_hex(const struct mac *mac, char *name, size_t size);

/* Stores the IPv6 link-local address made from the EUI-64 (RFC 4291, appendix
 * A), without a zone. */
void node_link_local(const struct mac *mac, char *address, size_t size);

#endif
