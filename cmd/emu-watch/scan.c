#include "scan.h"

#include <stdlib.h>
#include <string.h>

static inline uint32_t
four_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t
hash(uint32_t four)
{
	return (four * 2654435761u) >> (32 - SCAN_BITS);
}

int
scan_add(struct scan *scan, const struct literal *literal, size_t id)
{
	size_t spread = literal->len - LITERAL_SHORTEST + 1;

	while (scan->count + spread > scan->capacity) {
		size_t n = scan->capacity * 2 + 256;
		struct scan_entry *more =
		    reallocarray(scan->entries, n, sizeof(*more));

		if (more == NULL)
			return -1;
		scan->entries = more;
		scan->capacity = n;
	}
	for (size_t i = 0; i < spread; i++)
		scan->entries[scan->count++] = (struct scan_entry){.id = id,
		    .literal = literal,
		    .offset = i,
		    .four = four_at(literal->bytes + i)};
	if (scan->shortest == 0 || literal->len < scan->shortest)
		scan->shortest = literal->len;
	if (literal->len > scan->longest)
		scan->longest = literal->len;
	return 0;
}

/* How seldom the bytes are in what machines print, roughly. */
static int
rarity(const char *bytes, size_t len)
{
	int sum = 0;

	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c >= 'A' && c <= 'Z')
			sum += 3;
		else if (c >= '0' && c <= '9')
			sum += 1;
		else if (c != ' ' && (c < 'a' || c > 'z'))
			sum += 2;
	}
	return sum;
}

/* The part of the literal, as long as the shortest one, that is looked for. */
static size_t
rarest_part(const struct scan *scan, const struct literal *literal)
{
	size_t best = 0;
	int most = -1;

	for (size_t i = 0; i + scan->shortest <= literal->len; i++) {
		int r = rarity(literal->bytes + i, scan->shortest);

		if (r > most) {
			most = r;
			best = i;
		}
	}
	return best;
}

void
scan_prepare(struct scan *scan)
{
	size_t part = 0;

	scan->stride = 1;
	if (scan->count > 0)
		scan->stride += scan->shortest - LITERAL_SHORTEST;
	for (size_t i = 0; i < scan->count; i++) {
		struct scan_entry *e = &scan->entries[i];
		uint32_t h = hash(e->four);

		if (e->offset == 0)
			part = rarest_part(scan, e->literal);
		/* One of any `stride` places in a row is looked at. */
		if (e->offset < part || e->offset >= part + scan->stride)
			continue;
		scan->seen[h] = 1;
		e->next = scan->buckets[h % SCAN_BUCKETS];
		scan->buckets[h % SCAN_BUCKETS] = i + 1;
	}
}

void
scan_free(struct scan *scan)
{
	free(scan->entries);
}

/* Tells whether four bytes in the text are those of an entry whose literal is
 * there, and calls found (NULL: not wanted) for each. */
static bool
verify(const struct scan *scan, const char *text, size_t at, size_t from,
    size_t len, void (*found)(void *, size_t, size_t), void *context)
{
	uint32_t four = four_at(text + at);
	size_t next = scan->buckets[hash(four) % SCAN_BUCKETS];
	bool any = false;

	while (next != 0) {
		const struct scan_entry *e = &scan->entries[next - 1];
		const struct literal *l = e->literal;

		next = e->next;
		if (e->four != four || e->offset > at)
			continue;
		size_t start = at - e->offset;
		if (start + l->len > len || start + l->len <= from ||
		    memcmp(text + start, l->bytes, l->len) != 0)
			continue;
		any = true;
		if (found != NULL)
			found(context, e->id, start);
	}
	return any;
}

/* Calls verify at each place that looks like one of the entries; without found
 * only until there is one. */
static bool
run(const struct scan *scan, const char *text, size_t from, size_t len,
    void (*found)(void *, size_t, size_t), void *context)
{
	const uint8_t *seen = scan->seen;
	size_t stride = scan->stride, at = 0;
	bool any = false;

	if (from > scan->longest)
		at = from - scan->longest;
	/* Four places at a time: one branch, and no place waits for another. */
	for (; at + 3 * stride + sizeof(uint32_t) <= len; at += 4 * stride) {
		const char *p = text + at;

		if ((seen[hash(four_at(p))] | seen[hash(four_at(p + stride))] |
			seen[hash(four_at(p + 2 * stride))] |
			seen[hash(four_at(p + 3 * stride))]) == 0)
			continue;
		for (size_t i = 0; i < 4; i++)
			any |= verify(scan, text, at + i * stride, from, len,
			    found, context);
		if (any && found == NULL)
			return true;
	}
	for (; at + sizeof(uint32_t) <= len; at += stride)
		any |= verify(scan, text, at, from, len, found, context);
	return any;
}

bool
scan_any(const struct scan *scan, const char *text, size_t len)
{
	return scan->count > 0 && run(scan, text, 0, len, NULL, NULL);
}

void
scan_run(const struct scan *scan, const char *text, size_t from, size_t len,
    void (*found)(void *, size_t, size_t), void *context)
{
	if (scan->count > 0)
		run(scan, text, from, len, found, context);
}
