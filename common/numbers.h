#ifndef NUMBERS_H
#define NUMBERS_H

#include "reason.h"

#include <stddef.h>

/* JSON numbers as they were written. jansson keeps integers of 64 bits exactly,
 * but not the text of others (0.1 becomes 0.10000000000000001, 1e3 becomes
 * 1000.0). So before parsing, each such number is replaced by a stand-in, its
 * index plus one half (3.5), and after printing each stand-in by its text. No
 * real number of our own may be in a document. */
struct numbers {
	char **texts;
	size_t count;
};

/* Where a stand-in made the text longer or shorter. */
struct numbers_shift {
	size_t at;        /* offset behind the stand-in in the new text */
	ptrdiff_t offset; /* what to add there to have the offset in the old */
};

struct numbers_hidden {
	char *text; /* NUL-terminated */
	size_t len;
	struct numbers_shift *shifts;
	size_t count;
};

/* Copies len bytes of JSON with the stand-ins in place, remembering the texts
 * in *numbers, which may hold those of other texts already. Does not validate:
 * text that is not JSON comes out equally wrong. Returns 0, or -1 with the
 * reason when memory is short. numbers_hidden_free frees what was stored. */
int numbers_hide(struct numbers *numbers, const char *json, size_t len,
    struct numbers_hidden *hidden, struct reason *why);
void numbers_hidden_free(struct numbers_hidden *hidden);

/* The offset in the old text for one in the new. */
size_t numbers_offset(const struct numbers_hidden *hidden, size_t at);

/* Copies printed JSON with each stand-in replaced by the number's text. The
 * caller frees what is returned; NULL when memory is short. */
char *numbers_show(const struct numbers *numbers, const char *json);

/* The text of the number whose stand-in has this value; NULL for none. */
const char *numbers_text(const struct numbers *numbers, double stand_in);

void numbers_free(struct numbers *numbers);

#endif
