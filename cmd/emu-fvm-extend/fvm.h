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

/* Converts a header from its form on disk. */
struct fvm_header fvm_header_read(const uint8_t bytes[FVM_HEADER_BYTES]);

/* Checks the header alone (fvm.md 2). In a header that passes, the table has at
 * most FVM_TABLE_MOST bytes and no sum of sizes overflows. Returns 0, or -1
 * with the reason, such as "version 2, newer than 1". */
int fvm_header_check(const struct fvm_header *header, struct reason *why);

/* Returns the layout that a checked header describes. The last slice of an
 * image of 2020 may have no entry, and is not counted as usable then. */
struct geometry fvm_geometry(const struct fvm_header *header);

/* Return the number of bytes of the copy that the hash covers: by the format,
 * and by the tool of 2020. */
uint64_t fvm_hashed(const struct fvm_header *header);
uint64_t fvm_hashed_2020(const struct fvm_header *header);

/* Computes the hash of one copy of the metadata, which has `used` bytes and
 * then zeros up to `len`. The hash in the header counts as zeros. */
void fvm_hash(const uint8_t *bytes, uint64_t used, uint64_t len,
    uint8_t hash[DIGEST_BYTES]);

/* Whether the copy of generation a is to be used, and not that of generation b,
 * when both are valid. The larger one is newer, but 0 is newer than 2^64-1. If
 * they are equal, it is a. */
bool fvm_first_is_newer(uint64_t a, uint64_t b);

/* Returns entry n (1 to 1023) of the partition table of a valid copy. type and
 * instance of the result point into the copy. */
struct fvm_partition fvm_partition(const uint8_t *metadata, unsigned n);

/* Returns the partition that slice n (at least 1) of a valid copy belongs to,
 * or 0 for none. Stores the slice's number in the partition in *vslice, unless
 * vslice is NULL. */
unsigned fvm_owner(const uint8_t *metadata, uint64_t n, uint64_t *vslice);

/* Checks that each of the first `slices` slices belongs to a partition that can
 * exist, or to none. Stores the number of allocated slices and the last one of
 * them (0: none). Returns 0, or -1 with the reason. */
int fvm_entries_check(const uint8_t *metadata, uint64_t slices,
    uint64_t *allocated, uint64_t *last, struct reason *why);

/* Returns the first run of allocated slices at or after slice `from`. */
struct fvm_run fvm_run_after(
    const uint8_t *metadata, uint64_t slices, uint64_t from);

/* One copy of new metadata: `used` bytes, and then zeros up to `size`. */
struct fvm_metadata {
	uint8_t *bytes; /* owned; NULL: memory is short */
	size_t used;
	uint64_t size;
};

/* Makes the metadata for a new layout from a valid copy of the old metadata
 * (fvm.md 4.7). If the layout stays the same, so do the tables. The caller
 * frees the bytes. */
struct fvm_metadata fvm_metadata_grow(const uint8_t *metadata,
    const struct geometry *old, const struct geometry *new);

#endif
