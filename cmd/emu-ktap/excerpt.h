#ifndef EXCERPT_H
#define EXCERPT_H

#include <stddef.h>
#include <stdint.h>

enum {
	EXCERPT_HEAD = 4096, /* bytes that are kept from the start */
	EXCERPT_TAIL = 4096, /* bytes that are kept from the end */
};

/* Lines of text, of which the middle may be left out. A zeroed struct is empty.
 */
struct excerpt {
	char *text;
	size_t len;
	size_t room;
	size_t head;  /* bytes of text before the gap */
	uint64_t gap; /* bytes that were left out */
};

/* Appends a line, or the start of a very long one. */
void excerpt_add(struct excerpt *excerpt, const char *line, size_t len);

/* Moves the content of one to the end of the other. */
void excerpt_move(struct excerpt *from, struct excerpt *to);

void excerpt_free(struct excerpt *excerpt);

#endif
