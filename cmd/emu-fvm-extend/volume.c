#include "volume.h"

#include "file_io.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where a copy B that nothing points to is searched for: tables up to 32 MiB,
 * which is 4 million slices. */
static const uint64_t search_end = UINT64_C(32) << 20;

/* Reads and checks the copy at copy->at. Returns it when it is valid (the
 * caller frees it), else NULL with the reason in the copy. A read error sets
 * *failed. */
static uint8_t *
read_copy(int fd, uint64_t size, struct volume_copy *copy, bool *failed)
{
	uint8_t header[FVM_HEADER_BYTES], *metadata;

	if (copy->at + sizeof(header) > size) {
		reason_set(&copy->why, "beyond the end of the file");
		return NULL;
	}
	if (file_read(fd, header, sizeof(header), copy->at) < 0)
		goto io;
	copy->found = true;
	copy->header = fvm_header_read(header);
	if (fvm_header_check(&copy->header, &copy->why) < 0)
		return NULL;
	uint64_t len = FVM_TABLE + copy->header.table_size;
	if (copy->at != 0 && copy->at != len) {
		reason_set(&copy->why, "its place is byte %" PRIu64, len);
		return NULL;
	}
	if (copy->at + len > size) {
		reason_set(&copy->why, "cut short by the end of the file");
		return NULL;
	}
	metadata = malloc((size_t)len);
	if (metadata == NULL) {
		*failed = true;
		reason_set(&copy->why, "memory: Cannot allocate memory");
		return NULL;
	}
	if (file_read(fd, metadata, (size_t)len, copy->at) < 0) {
		free(metadata);
		goto io;
	}
	copy->valid = fvm_copy_check(metadata, (size_t)len, &copy->header,
			  &copy->why) == 0;
	if (copy->valid)
		return metadata;
	free(metadata);
	return NULL;
io:
	*failed = true;
	reason_errno(&copy->why, "read");
	return NULL;
}

/* Searches for a copy B, which says itself where it belongs. */
static uint8_t *
search(int fd, uint64_t size, struct volume_copy *copy, bool *failed)
{
	for (uint64_t at = FVM_TABLE + FVM_BLOCK;
	     at < search_end && at + FVM_TABLE <= size && !*failed;
	     at += FVM_BLOCK) {
		struct volume_copy found = {.at = at};
		uint8_t *metadata = read_copy(fd, size, &found, failed);

		if (metadata != NULL) {
			*copy = found;
			return metadata;
		}
	}
	return NULL;
}

/* Whether the size may be right in a header that is wrong otherwise. */
static bool
plausible(uint64_t table_size)
{
	return table_size > 0 && table_size <= FVM_TABLE_MOST &&
	       table_size % FVM_BLOCK == 0;
}

/* Reads both copies and keeps the one to use. Returns 0, or -1 when there is
 * none. */
static int
read_copies(int fd, uint64_t size, struct volume *v, bool *failed)
{
	struct volume_copy *a = &v->copies[0], *b = &v->copies[1];
	uint8_t *first = read_copy(fd, size, a, failed), *second = NULL;

	reason_set(&b->why, "not found");
	if (!*failed && a->found && plausible(a->header.table_size)) {
		b->at = FVM_TABLE + a->header.table_size;
		second = read_copy(fd, size, b, failed);
	}
	if (!*failed && first == NULL && second == NULL)
		second = search(fd, size, b, failed);
	if (*failed || (first == NULL && second == NULL)) {
		free(first);
		free(second);
		return -1;
	}
	v->active = first == NULL ||
		    (second != NULL && !fvm_first_is_newer(a->header.generation,
					   b->header.generation));
	v->metadata = v->active == 0 ? first : second;
	free(v->active == 0 ? second : first);
	v->geometry = fvm_geometry(&v->copies[v->active].header);
	return 0;
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
	if (fvm_entries_check(
		v->metadata, v->geometry.slices, &v->allocated, why) < 0)
		return -1;
	struct fvm_run run =
	    fvm_run_before(v->metadata, v->geometry.slices + 1);
	v->last = run.count > 0 ? run.first + run.count - 1 : 0;
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

/* The kind of a file that does not begin as an FVM does. */
static const struct kind *
read_kind(int fd, uint64_t size)
{
	uint8_t bytes[KIND_BYTES];
	size_t len = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);

	if (file_read(fd, bytes, len, 0) < 0)
		return NULL;
	return kind_of(bytes, len);
}

enum volume_state
volume_read(int fd, uint64_t size, struct volume *v, const struct kind **kind,
    struct reason *why)
{
	const struct kind *other = read_kind(fd, size);
	bool failed = false;

	*v = (struct volume){0};
	if (kind != NULL)
		*kind = other;
	if (other != NULL) {
		reason_set(why, "not an FVM: %s%s%s", other->what,
		    other->hint == NULL ? "" : ": ",
		    other->hint == NULL ? "" : other->hint);
		return VOLUME_OTHER;
	}
	if (read_copies(fd, size, v, &failed) < 0) {
		if (!failed)
			return explain_none(v, size, why);
		*why = v->copies[0].valid ? v->copies[1].why : v->copies[0].why;
		return VOLUME_FAILED;
	}
	return check_slices(v, size, why) < 0 ? VOLUME_BROKEN : VOLUME_SOUND;
}

void
volume_free(struct volume *v)
{
	free(v->metadata);
	*v = (struct volume){0};
}
