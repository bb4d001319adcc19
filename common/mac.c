#include "mac.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the hex digits that the text has where the form has an x, and stores
 * them in pairs with colons between them. Returns false if the text does not
 * have that form. */
static bool
take_digits(const char *from, const char *form, char text[static 18])
{
	char digits[13] = "";
	size_t n = 0;

	for (; *form != '\0'; form++, from++) {
		if (*form == 'x' ? !isxdigit((unsigned char)*from)
				 : *from != *form)
			return false;
		if (*form == 'x')
			digits[n++] = *from;
	}
	snprintf(text, 18, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2,
	    digits + 4, digits + 6, digits + 8, digits + 10);
	return *from == '\0';
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
	return name != NULL &&
	       take_digits(name, "fuchsia-xxxx-xxxx-xxxx", text) &&
	       strchr("02468aceACE", text[1]) != NULL;
}

int
mac_parse(const char *text, unsigned index, struct mac *mac, struct reason *why)
{
	const char *scratch = getenv("EMU_SCRATCH");

	*mac = (struct mac){.automatic = strcmp(text, "auto") == 0};
	if (mac->automatic && !mac_can_be_automatic())
		return reason_set(why,
		    "\"auto\" is made from EMU_SCRATCH, which is not set: run "
		    "it under emu-scratch");
	if (mac->automatic) {
		uint32_t h = hash(scratch) + index;

		snprintf(mac->text, sizeof(mac->text),
		    "52:54:%02x:%02x:%02x:%02x", h >> 24 & 0xff, h >> 16 & 0xff,
		    h >> 8 & 0xff, h & 0xff);
	} else if (!take_digits(text, "xx:xx:xx:xx:xx:xx", mac->text)) {
		return reason_set(why,
		    "expected six pairs of hex digits between colons, or "
		    "\"auto\"");
	}
	for (size_t i = 0; i < 6; i++)
		sscanf(mac->text + 3 * i, "%2hhx", &mac->bytes[i]);
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
