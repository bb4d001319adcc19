#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>
#include <stdint.h>

enum {
	OUTPUT_HEAD = 4096, /* bytes that are kept from the start */
	OUTPUT_TAIL = 4096, /* bytes that are kept from the end */
};

/* Lines of text, of which the middle may be left out. A zeroed struct is empty.
 */
struct output {
	char *text;
	size_t len;
	size_t room;
	size_t head;  /* bytes of text before the gap */
	uint64_t gap; /* bytes that were left out */
};

/* Appends a line, or the start of a very long one. */
void output_add(struct output *output, const char *line, size_t len);

/* Moves the content of one to the end of the other. */
void output_move(struct output *from, struct output *to);

void output_free(struct output *output);

#endif
