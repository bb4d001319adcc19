#include "descriptors.h"

#include "system_calls.h"

/* The lowest of them that is at least `from`; -1: none is. */
static int
next_kept(const int *kept, size_t count, int from)
{
	int next = -1;

	for (size_t i = 0; i < count; i++) {
		if (kept[i] >= from && (next < 0 || kept[i] < next))
			next = kept[i];
	}
	return next;
}

void
descriptors_keep(const int *kept, size_t count)
{
	int from = 0, next;

	while ((next = next_kept(kept, count, from)) >= 0) {
		if (next > from)
			close_range((unsigned)from, (unsigned)next - 1, 0);
		from = next + 1;
	}
	close_range((unsigned)from, ~0U, 0);
}
