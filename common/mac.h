#ifndef MAC_H
#define MAC_H

#include "document.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A network device's address, which emu-argv gives to the machine and from
 * which emu-env tells its name and addresses. */
struct mac {
	unsigned char bytes[6];
	char text[18]; /* as it was written; "auto" in lower-case hex */
	bool automatic;
};

/* The address of a guest fuchsia that asks for none: botanist's. */
#define MAC_BOTANIST "52:54:00:63:5e:7a"

/* Reads an address, six pairs of hex digits between colons, or "auto": 52:54
 * and 32 bits made from EMU_SCRATCH's value (FNV-1a), so that every command
 * under one emu-scratch computes the same, and then index is added to the last
 * bytes. Refused is a multicast address. Returns 0, or -1 with a reason that
 * does not name the place. */
int mac_parse(
    const char *text, unsigned index, struct mac *mac, struct reason *why);

/* The number on the host's vsock of the machine that has this automatic
 * address: 3 or more. */
uint32_t mac_cid(const struct mac *mac);

/* The address in a node name like fuchsia-5254-1234-5678. Returns false when
 * the name (which may be NULL) holds none. */
bool mac_of_node(const char *name, char text[static 18]);

/* Whether "auto" can be made here: EMU_SCRATCH is set. */
bool mac_can_be_automatic(void);

/* The name of the tap interface for the document's key "tap" (NULL when it is
 * absent): that, or botanist's "qemu", or one made from an automatic address.
 * name has room for 16 bytes. */
void mac_tap(const struct mac *mac, const char *key, char *name, size_t size);

#endif
