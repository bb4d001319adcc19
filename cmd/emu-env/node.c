#include "node.h"

#include "../fatal.h"
#include "input.h"
#include "share_file.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 1296, FILE_BYTES = 1 << 16 };

/* Four numbers of 12 bits, each one byte of the address and half a byte of its
 * last two; modulo the list's length they are words. */
static void
print_words(
    const struct mac *mac, char *const words[WORDS], char *name, size_t size)
{
	const unsigned char *m = mac->bytes;

	snprintf(name, size, "%s-%s-%s-%s",
	    words[(m[0] | ((unsigned)m[4] << 8 & 0xf00)) % WORDS],
	    words[(m[1] | ((unsigned)m[5] << 8 & 0xf00)) % WORDS],
	    words[(m[2] | ((unsigned)m[4] << 4 & 0xf00)) % WORDS],
	    words[(m[3] | ((unsigned)m[5] << 4 & 0xf00)) % WORDS]);
}

void
node_words(const struct mac *mac, char *name, size_t size)
{
	char *path = share_file("node-words"), *text, *rest, *line;
	char *words[WORDS];
	struct reason why;
	size_t len, n = 0;

	if (path == NULL)
		fatal_memory();
	fatal_if(input_read(path, FILE_BYTES, &text, &len, &why) < 0, &why);
	rest = text;
	while (n < WORDS && (line = strsep(&rest, "\n")) != NULL) {
		if (line[0] != '#')
			words[n++] = line;
	}
	if (n < WORDS)
		fatal("%s: not %d words", path, WORDS);
	print_words(mac, words, name, size);
	free(text);
	free(path);
}

void
node_hex(const struct mac *mac, char *name, size_t size)
{
	const unsigned char *m = mac->bytes;

	snprintf(name, size, "fuchsia-%02x%02x-%02x%02x-%02x%02x", m[0], m[1],
	    m[2], m[3], m[4], m[5]);
}

void
node_link_local(const struct mac *mac, char *address, size_t size)
{
	const unsigned char *m = mac->bytes;
	const struct in6_addr in6 = {
	    .s6_addr = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 2, m[1], m[2],
		0xff, 0xfe, m[3], m[4], m[5]}};

	inet_ntop(AF_INET6, &in6, address, (socklen_t)size);
}
