#include "mac.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
hex(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0'
					 : tolower((unsigned char)c) - 'a' + 10;
}

/* FNV-1a, 64 bits, folded to 32. */
static uint32_t
hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *text != '\0'; text++) {
		h ^= (unsigned char)*text;
		h *= 0x100000001b3;
	}
	return (uint32_t)(h ^ h >> 32);
}

bool
mac_can_be_automatic(void)
{
	const char *scratch = getenv("EMU_SCRATCH");

	return scratch != NULL && scratch[0] != '\0';
}

bool
mac_of_node(const char *name, char text[static 18])
{
	static const char form[] = "fuchsia-xxxx-xxxx-xxxx";

	if (name == NULL || strlen(name) != strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'x' && i > 7 ? hex(name[i]) < 0
					    : name[i] != form[i])
			return false;
	}
	snprintf(text, 18, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", name + 8, name + 10,
	    name + 13, name + 15, name + 18, name + 20);
	return (hex(name[9]) & 1) == 0;
}

static int
automatic(unsigned index, struct mac *mac, struct reason *why)
{
	const char *scratch = getenv("EMU_SCRATCH");

	if (!mac_can_be_automatic())
		return reason_set(why,
		    "\"auto\" is made from EMU_SCRATCH, which is not set: run "
		    "it under emu-scratch");
	uint32_t h = hash(scratch) + index;
	mac->automatic = true;
	snprintf(mac->text, sizeof(mac->text), "52:54:%02x:%02x:%02x:%02x",
	    h >> 24 & 0xff, h >> 16 & 0xff, h >> 8 & 0xff, h & 0xff);
	return 0;
}

int
mac_parse(const char *text, unsigned index, struct mac *mac, struct reason *why)
{
	*mac = (struct mac){0};
	if (strcmp(text, "auto") == 0) {
		if (automatic(index, mac, why) < 0)
			return -1;
	} else if (strlen(text) != sizeof(mac->text) - 1) {
		return reason_set(why,
		    "expected six pairs of hex digits between colons, or "
		    "\"auto\"");
	} else {
		memcpy(mac->text, text, sizeof(mac->text));
	}
	for (size_t i = 0; i < 6; i++) {
		const char *p = mac->text + 3 * i;

		if (hex(p[0]) < 0 || hex(p[1]) < 0 ||
		    p[2] != (i < 5 ? ':' : '\0'))
			return reason_set(why,
			    "expected six pairs of hex digits between "
			    "colons, or \"auto\"");
		mac->bytes[i] = (unsigned char)(hex(p[0]) << 4 | hex(p[1]));
	}
	if (mac->bytes[0] & 1)
		return reason_set(why, "%s is a multicast address", text);
	return 0;
}

void
mac_tap(const struct mac *mac, const char *key, char *name, size_t size)
{
	if (key != NULL)
		snprintf(name, size, "%s", key);
	else if (mac->automatic)
		snprintf(name, size, "emu%02x%02x%02x%02x", mac->bytes[2],
		    mac->bytes[3], mac->bytes[4], mac->bytes[5]);
	else
		snprintf(name, size, "qemu");
}

uint32_t
mac_cid(const struct mac *mac)
{
	const unsigned char *b = mac->bytes;

	return ((b[2] & 0x7fU) << 24 | (unsigned)b[3] << 16 |
		   (unsigned)b[4] << 8 | b[5]) +
	       3;
}
