#include "growth.h"

#include <inttypes.h>

uint64_t
geometry_round(uint64_t n)
{
	return (n + FVM_BLOCK - 1) / FVM_BLOCK * FVM_BLOCK;
}

uint64_t
geometry_metadata(const struct geometry *geometry)
{
	return FVM_TABLE + geometry->table_size;
}

uint64_t
geometry_slice(const struct geometry *geometry, uint64_t n)
{
	return 2 * geometry_metadata(geometry) + (n - 1) * geometry->slice_size;
}

bool
geometry_equal(const struct geometry *a, const struct geometry *b)
{
	return a->slice_size == b->slice_size && a->slices == b->slices &&
	       a->table_size == b->table_size &&
	       a->partition_size == b->partition_size;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The layout of a disk of that length with a table of that size: as many slices
 * as fit behind the metadata and have an entry. */
static struct geometry
with_table(uint64_t slice_size, uint64_t table_size, uint64_t length)
{
	struct geometry g = {
	    .slice_size = slice_size, .table_size = table_size};
	uint64_t start = 2 * geometry_metadata(&g);
	uint64_t entries = table_size / 8 - 1;

	if (length > start)
		g.slices = (length - start) / slice_size;
	if (g.slices > entries)
		g.slices = entries;
	g.partition_size = start + g.slices * slice_size;
	return g;
}

/* Enlarges what one dimension would lose. The table of g holds the slices of
 * old as well: it is no smaller. */
static void
keep_all(struct geometry *g, const struct geometry *old)
{
	g->slices = larger(g->slices, old->slices);
	g->partition_size = larger(old->partition_size,
	    2 * geometry_metadata(g) + g->slices * g->slice_size);
}

int
growth_plan(const struct geometry *old, uint64_t length, struct geometry *grown,
    struct reason *why)
{
	uint64_t count = length / old->slice_size;

	*grown = *old;
	if (count >= FVM_TABLE_MOST / 8)
		return reason_set(why,
		    "%" PRIu64 " bytes in slices of %" PRIu64
		    ": more than %" PRIu64 " slices",
		    length, old->slice_size, (uint64_t)FVM_TABLE_MOST / 8);
	struct geometry fresh = with_table(
	    old->slice_size, geometry_round(8 * (count + 1)), length);
	if (fresh.slices <= old->slices &&
	    fresh.table_size <= old->table_size &&
	    fresh.partition_size <= old->partition_size)
		return 0;
	if (fresh.slices >= old->slices &&
	    fresh.table_size >= old->table_size &&
	    fresh.partition_size >= old->partition_size) {
		*grown = fresh;
		return 0;
	}
	/* Something would shrink: then the table grows only for more slices. */
	struct geometry same =
	    with_table(old->slice_size, old->table_size, length);
	if (fresh.table_size > old->table_size && fresh.slices > same.slices &&
	    fresh.slices > old->slices)
		same = fresh;
	keep_all(&same, old);
	*grown = same;
	return 0;
}
