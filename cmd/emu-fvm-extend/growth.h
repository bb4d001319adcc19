#ifndef GROWTH_H
#define GROWTH_H

#include "reason.h"

#include <stdbool.h>
#include <stdint.h>

/* The format's fixed sizes, in bytes unless said. */
enum {
	FVM_BLOCK = 8192,
	FVM_PARTITIONS = 1024, /* entries; number 0 is never used */
	FVM_PARTITION_BYTES = 64,
	FVM_PARTITION_TABLE = FVM_PARTITIONS * FVM_PARTITION_BYTES,
	FVM_TABLE = FVM_BLOCK + FVM_PARTITION_TABLE, /* where slices' begins */
};

/* What the format allows at most, and what is taken here: a table for 1 TiB in
 * slices of 16 KiB. */
#define FVM_SLICES_MOST (UINT64_C(1) << 31)
#define FVM_SLICE_MOST (UINT64_MAX / FVM_SLICES_MOST)
#define FVM_TABLE_MOST (UINT64_C(512) << 20)

/* How a volume is laid out: two copies of the metadata, then the slices. */
struct geometry {
	uint64_t slice_size;     /* bytes, a multiple of FVM_BLOCK, not 0 */
	uint64_t slices;         /* usable, numbered from 1 */
	uint64_t table_size;     /* of the slices' table, bytes */
	uint64_t partition_size; /* at least the metadata and all slices */
};

/* Returns the size of one copy of the metadata in bytes. The first slice begins
 * at twice that offset. */
uint64_t geometry_metadata(const struct geometry *geometry);

/* Returns the offset of slice n, which is at least 1. */
uint64_t geometry_slice(const struct geometry *geometry, uint64_t n);

/* Rounds n, which is at most 2^63, up to a multiple of FVM_BLOCK. */
uint64_t geometry_round(uint64_t n);

/* Stores the layout for a disk of `length` bytes (spec: fvm.md 3, the rules of
 * 2020h and later; 4.7 and 8). It is the layout that the original tool would
 * choose, if no dimension shrinks. If one would shrink, it stays as it is, and
 * the others grow as far as they can. If nothing grows, the layout is the old
 * one. Returns 0, or -1 with the reason if the format cannot describe a disk of
 * this size. */
int growth_plan(const struct geometry *old, uint64_t length,
    struct geometry *grown, struct reason *why);

/* Whether the two layouts are the same. */
bool geometry_equal(const struct geometry *a, const struct geometry *b);

#endif
