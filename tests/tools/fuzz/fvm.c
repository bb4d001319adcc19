/* What emu-fvm-extend believes of an image's metadata: whatever the header
 * claims, a plan is sound or refused, and slices are never lost.
 *
 * The input: 104 bytes of header, the wanted length, then entries of the slice
 * table from number 1 on. */
#include "fvm.h"
#include "magic.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { START = FVM_HEADER_BYTES + 8 };

static const uint64_t table_most = 1 << 20; /* larger ones only cost time */

static void
claim(int condition)
{
	if (!condition)
		abort();
}

/* The runs are the allocated slices. */
static void
check_runs(
    const uint8_t *metadata, uint64_t slices, uint64_t allocated, uint64_t last)
{
	uint64_t up = 0, end = 0;
	struct fvm_run run = fvm_run_after(metadata, slices, 1);

	for (; run.count > 0;
	     run = fvm_run_after(metadata, slices, run.first + run.count)) {
		up += run.count;
		end = run.first + run.count - 1;
	}
	claim(up == allocated && end == last);
}

/* Every slice keeps its owner in the new metadata, which is valid. */
static void
check_grown(const uint8_t *metadata, const struct geometry *old,
    const struct geometry *new)
{
	struct fvm_metadata m = fvm_metadata_grow(metadata, old, new);
	struct reason why = {""};
	uint8_t bytes[DIGEST_BYTES];
	struct fvm_header h;

	claim(m.bytes != NULL);
	uint8_t *whole = calloc(1, (size_t)m.size);
	claim(whole != NULL && m.used <= m.size);
	memcpy(whole, m.bytes, m.used);
	h = fvm_header_read(whole);
	claim(fvm_header_check(&h, &why) == 0 && fvm_hashed(&h) <= m.size);
	fvm_hash(whole, fvm_hashed(&h), fvm_hashed(&h), bytes);
	claim(memcmp(bytes, h.hash, sizeof(bytes)) == 0);
	struct geometry now = fvm_geometry(&h);
	claim(geometry_equal(&now, new));
	for (uint64_t n = 1; n <= new->slices; n++)
		claim(fvm_owner(whole, n, NULL) ==
		      (n <= old->slices ? fvm_owner(metadata, n, NULL) : 0));
	free(whole);
	free(m.bytes);
}

static void
check_plan(const struct geometry *old, const struct geometry *new)
{
	uint64_t start = 2 * geometry_metadata(new);

	claim(new->slices >= old->slices);
	claim(new->table_size >= old->table_size);
	claim(new->partition_size >= old->partition_size);
	claim(new->slices < new->table_size / 8);
	claim(start + new->slices *new->slice_size <= new->partition_size);
}

static void
check_metadata(
    uint8_t *metadata, const struct fvm_header *header, uint64_t length)
{
	struct geometry old = fvm_geometry(header), new;
	struct reason why = {""};
	uint64_t allocated, last;

	if (fvm_entries_check(metadata, old.slices, &allocated, &last, &why) <
	    0) {
		claim(why.text[0] != '\0');
		return;
	}
	check_runs(metadata, old.slices, allocated, last);
	if (growth_plan(&old, length, &new, &why) < 0) {
		claim(why.text[0] != '\0');
		return;
	}
	check_plan(&old, &new);
	if (new.table_size <= table_most)
		check_grown(metadata, &old, &new);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fvm_header header;
	struct reason why = {""};
	uint64_t length;

	magic_find(data, size);
	if (size < START)
		return 0;
	memcpy(&length, data + FVM_HEADER_BYTES, sizeof(length));
	header = fvm_header_read(data);
	if (fvm_header_check(&header, &why) < 0) {
		claim(why.text[0] != '\0');
		return 0;
	}
	if (header.table_size > table_most)
		return 0;
	size_t len = (size_t)(FVM_TABLE + header.table_size);
	size_t entries = size - START;
	if (entries > header.table_size - 8)
		entries = (size_t)header.table_size - 8;
	uint8_t *metadata = calloc(1, len);
	if (metadata == NULL)
		abort();
	memcpy(metadata, data, FVM_HEADER_BYTES);
	memcpy(metadata + FVM_TABLE + 8, data + START, entries);
	check_metadata(metadata, &header, length & INT64_MAX);
	free(metadata);
	return 0;
}
