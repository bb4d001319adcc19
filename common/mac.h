#ifndef MAC_H
#define MAC_H

#include "document.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The MAC address of a network device. emu-argv gives it to the machine, and
 * emu-env derives the machine's node name and IPv6 address from it. */
struct mac {
	unsigned char bytes[6];
	char text[18]; /* as given; "auto" becomes lower-case hex */
	bool automatic;
};

/* Botanist's address, which a guest fuchsia has by default. */
#define MAC_BOTANIST "52:54:00:63:5e:7a"

/* Parses an address: six pairs of hex digits separated by colons, or "auto".
 * "auto" stands for 52:54 followed by the 32-bit FNV-1a hash of the value of
 * EMU_SCRATCH, plus index, so that all commands under one emu-scratch compute
 * the same address. A multicast address is an error. Returns 0, or -1 with the
 * reason, to which the caller adds where the text was. */
int mac_parse(
    const char *text, unsigned index, struct mac *mac, struct reason *why);

/* Returns the vsock context ID of the machine that has this automatic address:
 * 3 or more. */
uint32_t mac_cid(const struct mac *mac);

/* Stores the address that is part of a node name such as
 * fuchsia-5254-1234-5678. Returns false when the name, which may be NULL,
 * contains none. */
bool mac_of_node(const char *name, char text[static 18]);

/* Whether "auto" is possible: EMU_SCRATCH is set. */
bool mac_can_be_automatic(void);

/* Stores the name of the tap interface, in a buffer of 16 bytes: the value of
 * the document's key "tap"; or, if that is NULL, a name made from an automatic
 * address; or else botanist's "qemu". */
void mac_tap(const struct mac *mac, const char *key, char *name, size_t size);

#endif
