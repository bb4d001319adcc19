#include "fvm.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t fvm_magic = 0x54524150204d5646; /* "FVM PART" */

static_assert(sizeof(struct fvm_header) == FVM_HEADER_BYTES, "header");

struct raw_partition {
	uint8_t type[16];
	uint8_t instance[16];
	uint32_t slices;
	uint32_t flags;
	char name[24];
};

static_assert(sizeof(struct raw_partition) == FVM_PARTITION_BYTES, "partition");

struct fvm_header
fvm_header_read(const uint8_t bytes[FVM_HEADER_BYTES])
{
	struct fvm_header h;

	memcpy(&h, bytes, sizeof(h));
	h.magic = le64toh(h.magic);
	h.version = le64toh(h.version);
	h.slices = le64toh(h.slices);
	h.slice_size = le64toh(h.slice_size);
	h.partition_size = le64toh(h.partition_size);
	h.partition_table_size = le64toh(h.partition_table_size);
	h.table_size = le64toh(h.table_size);
	h.generation = le64toh(h.generation);
	h.oldest = le64toh(h.oldest);
	return h;
}

static int
table_check(const struct fvm_header *h, struct reason *why)
{
	if (h->table_size == 0 || h->table_size % FVM_BLOCK != 0)
		return reason_set(why,
		    "allocation table of %" PRIu64
		    " bytes: not a multiple of %d",
		    h->table_size, FVM_BLOCK);
	if (h->table_size > FVM_TABLE_MOST)
		return reason_set(why,
		    "allocation table of %" PRIu64 " bytes: more than %" PRIu64,
		    h->table_size, (uint64_t)FVM_TABLE_MOST);
	/* The 2020 tool could forget the entry of the last slice. */
	if (h->slices > h->table_size / 8)
		return reason_set(why,
		    "allocation table of %" PRIu64
		    " bytes: too small for %" PRIu64 " slices",
		    h->table_size, h->slices);
	return 0;
}

int
fvm_header_check(const struct fvm_header *h, struct reason *why)
{
	uint64_t end;

	if (h->magic != fvm_magic)
		return reason_set(why, "no FVM magic");
	if (h->version > 1)
		return reason_set(
		    why, "version %" PRIu64 ", newer than 1", h->version);
	if (h->slices > FVM_SLICES_MOST)
		return reason_set(
		    why, "%" PRIu64 " slices: more than 2^31", h->slices);
	if (h->slice_size == 0 || h->slice_size % FVM_BLOCK != 0 ||
	    h->slice_size > FVM_SLICE_MOST)
		return reason_set(why,
		    "slice size %" PRIu64
		    ": not a multiple of %d up to %" PRIu64,
		    h->slice_size, FVM_BLOCK, (uint64_t)FVM_SLICE_MOST);
	if (h->partition_table_size != FVM_PARTITION_TABLE)
		return reason_set(why,
		    "partition table of %" PRIu64 " bytes, not %d",
		    h->partition_table_size, FVM_PARTITION_TABLE);
	if (table_check(h, why) < 0)
		return -1;
	if (__builtin_mul_overflow(h->slices, h->slice_size, &end) ||
	    __builtin_add_overflow(
		end, 2 * (FVM_TABLE + h->table_size), &end) ||
	    end > h->partition_size)
		return reason_set(why,
		    "%" PRIu64 " slices of %" PRIu64
		    " bytes do not fit its partition size %" PRIu64,
		    h->slices, h->slice_size, h->partition_size);
	if (h->partition_size > INT64_MAX)
		return reason_set(why,
		    "partition size %" PRIu64 ": more than a file can have",
		    h->partition_size);
	return 0;
}

struct geometry
fvm_geometry(const struct fvm_header *h)
{
	struct geometry g = {
	    .slice_size = h->slice_size,
	    .slices = h->slices,
	    .table_size = h->table_size,
	    .partition_size = h->partition_size,
	};
	uint64_t entries = h->table_size / 8 - 1;

	if (g.slices > entries)
		g.slices = entries;
	return g;
}

uint64_t
fvm_hashed(const struct fvm_header *h)
{
	/* Without the entry 0, as the original does it. */
	return FVM_TABLE + geometry_round(8 * h->slices);
}

uint64_t
fvm_hashed_2020(const struct fvm_header *h)
{
	uint64_t n = h->partition_size / h->slice_size;

	if (n > h->table_size / 8)
		n = h->table_size / 8;
	return FVM_TABLE + geometry_round(8 * n);
}

void
fvm_hash(const uint8_t *bytes, uint64_t used, uint64_t len,
    uint8_t hash[DIGEST_BYTES])
{
	const size_t at = offsetof(struct fvm_header, hash);
	struct digest digest;

	digest_start(&digest);
	digest_add(&digest, bytes, at);
	digest_add(&digest, NULL, DIGEST_BYTES);
	digest_add(&digest, bytes + at + DIGEST_BYTES,
	    (size_t)used - at - DIGEST_BYTES);
	digest_add(&digest, NULL, len - used);
	digest_end(&digest, hash);
}

bool
fvm_first_is_newer(uint64_t a, uint64_t b)
{
	if (a == 0 && b == UINT64_MAX)
		return true;
	if (a == UINT64_MAX && b == 0)
		return false;
	return a >= b;
}

struct fvm_partition
fvm_partition(const uint8_t *metadata, unsigned n)
{
	const uint8_t *at =
	    metadata + FVM_BLOCK + (size_t)n * FVM_PARTITION_BYTES;
	struct fvm_partition p = {.type = at, .instance = at + 16};
	struct raw_partition raw;

	memcpy(&raw, at, sizeof(raw));
	p.slices = le32toh(raw.slices);
	p.flags = le32toh(raw.flags);
	memcpy(p.name, raw.name, sizeof(raw.name));
	p.name[sizeof(raw.name)] = '\0';
	return p;
}

unsigned
fvm_owner(const uint8_t *metadata, uint64_t n, uint64_t *vslice)
{
	uint64_t entry;

	memcpy(&entry, metadata + FVM_TABLE + 8 * n, sizeof(entry));
	entry = le64toh(entry);
	if (vslice != NULL)
		*vslice = entry >> 16 & UINT32_MAX;
	return entry & UINT16_MAX;
}

int
fvm_entries_check(const uint8_t *metadata, uint64_t slices, uint64_t *allocated,
    uint64_t *last, struct reason *why)
{
	*allocated = *last = 0;
	for (uint64_t n = 1; n <= slices; n++) {
		unsigned owner = fvm_owner(metadata, n, NULL);

		if (owner >= FVM_PARTITIONS)
			return reason_set(why,
			    "slice %" PRIu64 " belongs to partition %u: there "
			    "are %d",
			    n, owner, FVM_PARTITIONS - 1);
		if (owner == 0)
			continue;
		(*allocated)++;
		*last = n;
	}
	return 0;
}

struct fvm_run
fvm_run_after(const uint8_t *metadata, uint64_t slices, uint64_t from)
{
	struct fvm_run run = {.first = from};

	while (run.first <= slices && fvm_owner(metadata, run.first, NULL) == 0)
		run.first++;
	while (run.first + run.count <= slices &&
	       fvm_owner(metadata, run.first + run.count, NULL) != 0)
		run.count++;
	return run;
}

static void
put64(uint8_t *metadata, size_t at, uint64_t n)
{
	n = htole64(n);
	memcpy(metadata + at, &n, sizeof(n));
}

/* Copies what the new metadata keeps of the old: of the header the fields, of
 * the tables all entries but number 0. */
static void
copy_entries(uint8_t *to, const uint8_t *from, uint64_t slices)
{
	const size_t partitions = FVM_BLOCK + FVM_PARTITION_BYTES;

	memcpy(to, from, FVM_HEADER_BYTES);
	memcpy(to + partitions, from + partitions, FVM_TABLE - partitions);
	memcpy(to + FVM_TABLE + 8, from + FVM_TABLE + 8, (size_t)(8 * slices));
}

/* Puts the hash in its place. */
static void
sign(struct fvm_metadata *m)
{
	struct fvm_header h = fvm_header_read(m->bytes);
	uint64_t len = fvm_hashed(&h);

	fvm_hash(m->bytes, len < m->used ? len : m->used, len,
	    m->bytes + offsetof(struct fvm_header, hash));
}

struct fvm_metadata
fvm_metadata_grow(const uint8_t *metadata, const struct geometry *old,
    const struct geometry *new)
{
	bool same = geometry_equal(old, new);
	struct fvm_metadata grown = {.size = geometry_metadata(new)};

	grown.used =
	    (size_t)(same ? grown.size : FVM_TABLE + 8 * (old->slices + 1));
	grown.bytes = calloc(1, grown.used);
	if (grown.bytes == NULL)
		return grown;
	if (same)
		memcpy(grown.bytes, metadata, grown.used);
	else
		copy_entries(grown.bytes, metadata, old->slices);
	put64(grown.bytes, offsetof(struct fvm_header, slices), new->slices);
	put64(grown.bytes, offsetof(struct fvm_header, partition_size),
	    new->partition_size);
	put64(grown.bytes, offsetof(struct fvm_header, table_size),
	    new->table_size);
	sign(&grown);
	return grown;
}
