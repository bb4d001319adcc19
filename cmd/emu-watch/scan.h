#ifndef SCAN_H
#define SCAN_H

#include "literal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finds many literals in one pass: it looks at four bytes in every `stride`,
 * and only when those are part of a literal, at the literal. */
struct scan_entry {
	const struct literal *literal;
	uint32_t four; /* the four bytes */
	size_t offset; /* of them in the literal */
	size_t id;
	size_t next; /* in its bucket, plus one */
};

enum { SCAN_BITS = 15, SCAN_BUCKETS = 1024 };

struct scan {
	struct scan_entry *entries;
	size_t count;
	size_t capacity;
	size_t shortest; /* literal */
	size_t longest;
	size_t stride;
	uint8_t seen[1 << SCAN_BITS]; /* hashes of the four bytes */
	size_t buckets[SCAN_BUCKETS];
};

/* Adds a literal that stays the caller's and in place; id is what scan_run
 * will report. Returns 0, or -1 when memory is short. */
int scan_add(struct scan *scan, const struct literal *literal, size_t id);

/* Call it when all are added. */
void scan_prepare(struct scan *scan);

void scan_free(struct scan *scan);

/* Tells whether any of the literals may be in the text; seldom wrong when it
 * says that one is, never when it says that none is. */
bool scan_any(const struct scan *scan, const char *text, size_t len);

/* Calls found(context, id, offset of the literal) for each literal whose end is
 * in text[from..len), in no certain order. */
void scan_run(const struct scan *scan, const char *text, size_t from,
    size_t len, void (*found)(void *, size_t, size_t), void *context);

#endif
