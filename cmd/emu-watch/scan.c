#include "scan.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
four_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t
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

void
scan_prepare(struct scan *scan)
{
	scan->stride =
	    scan->count == 0 ? 1 : scan->shortest - LITERAL_SHORTEST + 1;
	for (size_t i = 0; i < scan->count; i++) {
		struct scan_entry *e = &scan->entries[i];
		uint32_t h = hash(e->four);

		/* One of any `stride` places in a row is looked at. */
		if (e->offset >= scan->stride)
			continue;
		scan->seen[h / 64] |= UINT64_C(1) << h % 64;
		e->next = scan->buckets[h % SCAN_BUCKETS];
		scan->buckets[h % SCAN_BUCKETS] = i + 1;
	}
}

void
scan_free(struct scan *scan)
{
	free(scan->entries);
}

static void
verify(const struct scan *scan, const char *text, size_t at, size_t from,
    size_t len, void (*found)(void *, size_t, size_t), void *context)
{
	uint32_t four = four_at(text + at);
	size_t next = scan->buckets[hash(four) % SCAN_BUCKETS];

	while (next != 0) {
		const struct scan_entry *e = &scan->entries[next - 1];
		const struct literal *l = e->literal;

		next = e->next;
		if (e->four != four || e->offset > at)
			continue;
		size_t start = at - e->offset;
		if (start + l->len > len || start + l->len <= from)
			continue;
		if (memcmp(text + start, l->bytes, l->len) == 0)
			found(context, e->id, start);
	}
}

void
scan_run(const struct scan *scan, const char *text, size_t from, size_t len,
    void (*found)(void *, size_t, size_t), void *context)
{
	if (scan->count == 0)
		return;
	size_t at = from < scan->longest ? 0 : from - scan->longest;
	for (; at + sizeof(uint32_t) <= len; at += scan->stride) {
		uint32_t h = hash(four_at(text + at));

		if ((scan->seen[h / 64] >> h % 64 & 1) != 0)
			verify(scan, text, at, from, len, found, context);
	}
}
