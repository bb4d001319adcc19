#ifndef FVM_H
#define FVM_H

#include "digest.h"
#include "growth.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FVM_HEADER_BYTES = 104 };

/* The header of one copy of the metadata, laid out as on disk, where numbers
 * are little-endian (spec: fvm.md 1). */
struct fvm_header {
	uint64_t magic, version, slices, slice_size, partition_size,
	    partition_table_size, table_size, generation;
	uint8_t hash[DIGEST_BYTES];
	uint64_t oldest; /* 2021 and later; zero before */
};

struct fvm_partition {
	const uint8_t *type, *instance; /* 16 bytes each, as on disk */
	uint32_t slices;                /* 0: the entry is free */
	uint32_t flags;
	char name[25]; /* NUL-terminated */
};

/* A run of slices that are all allocated. */
struct fvm_run {
	uint64_t first, count; /* first from 1; count 0: none */
};

struct fvm_header fvm_header_read(const uint8_t bytes[FVM_HEADER_BYTES]);

/* Checks the header alone (fvm.md 2). Returns 0, or -1 with the reason, e.g.
 * "version 2, newer than 1". What it lets pass may be counted with: the table
 * has at most FVM_TABLE_MOST bytes and no sum overflows. */
int fvm_header_check(const struct fvm_header *header, struct reason *why);

/* The layout that a checked header describes. The last slice of a 2020 image
 * may have no entry; it does not count as usable. */
struct geometry fvm_geometry(const struct fvm_header *header);

/* How many bytes of the copy the hash covers, and which the 2020 tool took. */
uint64_t fvm_hashed(const struct fvm_header *header);
uint64_t fvm_hashed_2020(const struct fvm_header *header);

/* The hash of one copy of the metadata: of `used` bytes, then zeros up to
 * `len`, its own place in the header taken as zero. */
void fvm_hash(const uint8_t *bytes, uint64_t used, uint64_t len,
    uint8_t hash[DIGEST_BYTES]);

/* Whether copy A, of two valid ones, is the one to use: the larger generation
 * is newer, 0 is newer than 2^64-1, and A wins when they are equal. */
bool fvm_first_is_newer(uint64_t a, uint64_t b);

/* Entry n (1 to 1023) of a valid copy's partition table. */
struct fvm_partition fvm_partition(const uint8_t *metadata, unsigned n);

/* The partition that slice n (from 1) of a valid copy belongs to, 0 for none,
 * and in *vslice (may be NULL) its place there. */
unsigned fvm_owner(const uint8_t *metadata, uint64_t n, uint64_t *vslice);

/* Checks that every one of `slices` entries belongs to a partition that can
 * exist. Returns 0, the number of allocated slices and the last of them (0:
 * none), or -1 with the reason. */
int fvm_entries_check(const uint8_t *metadata, uint64_t slices,
    uint64_t *allocated, uint64_t *last, struct reason *why);

/* The first run that begins at slice `from` or later, cut there. */
struct fvm_run fvm_run_after(
    const uint8_t *metadata, uint64_t slices, uint64_t from);

/* One copy of new metadata: `used` bytes, then zeros up to `size`. */
struct fvm_metadata {
	uint8_t *bytes; /* owned; NULL: memory is short */
	size_t used;
	uint64_t size;
};

/* Makes the metadata for a new layout from a valid copy of the old (fvm.md
 * 4.7): when the layout stays, the copy as it is. The caller frees its bytes.
 */
struct fvm_metadata fvm_metadata_grow(const uint8_t *metadata,
    const struct geometry *old, const struct geometry *new);

#endif
