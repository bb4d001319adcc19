#include "volume.h"

#include "../memory.h"
#include "file_io.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where a copy B that nothing points to is searched for: tables up to 32 MiB,
 * which is 4 million slices. */
static const uint64_t search_end = UINT64_C(32) << 20;

/* Whether the copy has its hash, or the one that the 2020 tool would give it.
 */
static bool
has_its_hash(const struct fvm_header *header, const uint8_t *bytes)
{
	const uint64_t lens[] = {fvm_hashed(header), fvm_hashed_2020(header)};
	uint8_t hash[DIGEST_BYTES];

	for (int i = 0; i < 2; i++) {
		fvm_hash(bytes, lens[i], lens[i], hash);
		if (memcmp(hash, header->hash, sizeof(hash)) == 0)
			return true;
	}
	return false;
}

/* Reads the beginning of the copy. */
static bool
read_part(
    int fd, struct volume_copy *copy, void *bytes, size_t len, const char *part)
{
	if (file_read(fd, bytes, len, copy->at) == 0)
		return true;
	reason_errno(&copy->why, "%s", part);
	copy->unread = true;
	return false;
}

/* Checks the copy at copy->at. */
static void
check_copy(int fd, uint64_t size, struct volume_copy *copy)
{
	uint8_t header[FVM_HEADER_BYTES];

	if (copy->at + sizeof(header) > size) {
		reason_set(&copy->why, "beyond the end of the file");
		return;
	}
	if (!read_part(fd, copy, header, sizeof(header), "header"))
		return;
	copy->found = true;
	copy->header = fvm_header_read(header);
	if (fvm_header_check(&copy->header, &copy->why) < 0)
		return;
	uint64_t len = FVM_TABLE + copy->header.table_size;
	if (copy->at != 0 && copy->at != len) {
		reason_set(&copy->why, "expected at byte %" PRIu64, len);
		return;
	}
	if (copy->at + len > size) {
		reason_set(&copy->why, "cut short by the end of the file");
		return;
	}
	copy->bytes = memory_got(malloc((size_t)len));
	if (read_part(fd, copy, copy->bytes, (size_t)len, "metadata")) {
		reason_set(&copy->why, "wrong hash");
		copy->valid = has_its_hash(&copy->header, copy->bytes);
	}
	if (copy->valid)
		return;
	free(copy->bytes);
	copy->bytes = NULL;
}

/* Searches for a copy B, which says itself where it belongs. */
static void
search(int fd, uint64_t size, struct volume_copy *copy)
{
	for (uint64_t at = FVM_TABLE + FVM_BLOCK;
	     at < search_end && at + FVM_TABLE <= size; at += FVM_BLOCK) {
		struct volume_copy found = {.at = at};

		check_copy(fd, size, &found);
		if (found.valid || found.unread) {
			*copy = found;
			return;
		}
	}
}

/* Whether the size may be right in a header that is wrong otherwise. */
static bool
plausible(uint64_t table_size)
{
	return table_size > 0 && table_size <= FVM_TABLE_MOST &&
	       table_size % FVM_BLOCK == 0;
}

/* Finds both copies and chooses the one to use: none may be valid. */
static void
find_copies(int fd, uint64_t size, struct volume *v)
{
	struct volume_copy *a = &v->copies[0], *b = &v->copies[1];

	reason_set(&b->why, "not found");
	check_copy(fd, size, a);
	if (!a->unread && a->found && plausible(a->header.table_size)) {
		b->at = FVM_TABLE + a->header.table_size;
		check_copy(fd, size, b);
	}
	if (!a->valid && !b->valid && !a->unread && !b->unread)
		search(fd, size, b);
	v->active =
	    !a->valid || (b->valid && !fvm_first_is_newer(a->header.generation,
					  b->header.generation));
}

/* Whether anything is left that shows that this was meant to be an FVM. */
static bool
has_magic(const struct volume *v)
{
	uint64_t magic = v->copies[0].header.magic;

	return v->copies[0].found && memcmp(&magic, "FVM PART", 8) == 0;
}

static enum volume_state
explain_none(const struct volume *v, uint64_t size, struct reason *why)
{
	if (size == 0) {
		reason_set(why, "not an FVM: it is empty");
		return VOLUME_OTHER;
	}
	if (!has_magic(v)) {
		reason_set(why, "not an FVM");
		return VOLUME_OTHER;
	}
	reason_set(why,
	    "no valid copy of the FVM metadata (A: %.200s; B: %.200s)",
	    v->copies[0].why.text, v->copies[1].why.text);
	return VOLUME_BROKEN;
}

/* Counts the slices and checks that the file holds them all. */
static int
check_slices(struct volume *v, uint64_t size, struct reason *why)
{
	if (fvm_entries_check(v->metadata, v->geometry.slices, &v->allocated,
		&v->last, why) < 0)
		return -1;
	if (v->last > 0 && volume_end(v) > size)
		return reason_set(why,
		    "truncated: slice %" PRIu64 " ends at byte %" PRIu64
		    ", the file at %" PRIu64,
		    v->last, volume_end(v), size);
	return 0;
}

uint64_t
volume_end(const struct volume *v)
{
	return geometry_slice(&v->geometry, v->last + 1);
}

/* What a file is that does not begin as an FVM does. */
static const struct magic *
read_kind(int fd, uint64_t size)
{
	uint8_t bytes[MAGIC_BYTES];
	size_t len = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);

	if (file_read(fd, bytes, len, 0) < 0)
		return NULL;
	const struct magic *kind = magic_find(bytes, len);
	if (kind == NULL || kind->format == NULL)
		return kind;
	return strcmp(kind->format, "fvm") == 0 ? NULL : kind;
}

static enum volume_state
explain_other(const struct magic *kind, struct reason *why)
{
	if (kind->class == MAGIC_DISK)
		reason_set(why,
		    "not an FVM: %s: grow the raw image before the overlay is "
		    "made",
		    kind->what);
	else if (kind->hint != NULL)
		reason_set(why, "not an FVM: %s: %s",
		    kind->format != NULL ? kind->format : kind->what,
		    kind->hint);
	else
		reason_set(why, "not an FVM: %s", kind->what);
	return VOLUME_OTHER;
}

enum volume_state
volume_read(int fd, uint64_t size, struct volume *v, const struct magic **kind,
    struct reason *why)
{
	*v = (struct volume){0};
	*kind = read_kind(fd, size);
	if (*kind != NULL)
		return explain_other(*kind, why);
	find_copies(fd, size, v);
	for (int i = 0; i < 2; i++) {
		if (v->copies[i].unread) {
			*why = v->copies[i].why;
			return VOLUME_BROKEN;
		}
	}
	if (!v->copies[v->active].valid)
		return explain_none(v, size, why);
	v->geometry = fvm_geometry(&v->copies[v->active].header);
	v->metadata = v->copies[v->active].bytes;
	return check_slices(v, size, why) < 0 ? VOLUME_BROKEN : VOLUME_SOUND;
}

void
volume_free(struct volume *v)
{
	free(v->copies[0].bytes);
	free(v->copies[1].bytes);
	*v = (struct volume){0};
}
