#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OUTPUT_HEAD = 4096, /* bytes kept from the start */
	OUTPUT_TAIL = 4096, /* and from the end */
};

/* Lines of which the middle may be missing. A zeroed one is empty. */
struct output {
	char *text;
	size_t len;
	size_t room;
	size_t head;  /* of len, before the gap */
	uint64_t gap; /* bytes that are missing */
};

/* Appends a line (its start, when it is very long). Returns false when memory
 * is short. */
bool output_add(struct output *output, const char *line, size_t len);

/* Moves what is in one to the end of the other. Returns false when memory is
 * short, and what there was none for is gone. */
bool output_move(struct output *from, struct output *to);

void output_free(struct output *output);

#endif
