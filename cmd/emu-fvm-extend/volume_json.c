#include "volume_json.h"

#include "../fatal.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static json_t *
number(uint64_t n)
{
	char text[24];

	if (n <= INT64_MAX)
		return json_integer((json_int_t)n);
	snprintf(text, sizeof(text), "%" PRIu64, n);
	return json_string(text);
}

static json_t *
hex(const uint8_t *bytes, size_t len)
{
	char text[2 * DIGEST_BYTES + 1];

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_stringn(text, 2 * len);
}

/* A GUID as it is written: the first three groups are little-endian on disk. */
static json_t *
guid(const uint8_t b[16])
{
	return json_sprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
			    "%02x%02x%02x%02x%02x%02x",
	    b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
}

/* A name is whatever bytes there are; what is not printable ASCII becomes '?'.
 */
static json_t *
name_text(const char *name)
{
	char text[sizeof(((struct fvm_partition *)0)->name)];
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		text[i] = name[i];
		if (name[i] < 0x20 || name[i] > 0x7e)
			text[i] = '?';
	}
	return json_stringn(text, len);
}

static json_t *
header_json(const struct fvm_header *h)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "version", number(h->version), "slices", number(h->slices),
	    "slice_size", number(h->slice_size), "partition_size",
	    number(h->partition_size), "partition_table_size",
	    number(h->partition_table_size), "allocation_table_size",
	    number(h->table_size), "generation", number(h->generation), "hash",
	    hex(h->hash, sizeof(h->hash)), "oldest_version", number(h->oldest));
}

static json_t *
copy_json(const struct volume_copy *copy, const char *name)
{
	const char *wrong = copy->valid ? NULL : copy->why.text;

	if (!copy->found)
		return json_pack("{s:s, s:b, s:s*}", "copy", name, "valid",
		    copy->valid, "reason", wrong);
	return json_pack("{s:s, s:b, s:s*, s:o, s:o}", "copy", name, "valid",
	    copy->valid, "reason", wrong, "offset", number(copy->at), "header",
	    header_json(&copy->header));
}

static json_t *
partition_json(const struct fvm_partition *p, unsigned n, json_t *extents)
{
	return json_pack("{s:i, s:o, s:o, s:o, s:b, s:I, s:o}", "index", (int)n,
	    "name", name_text(p->name), "type", guid(p->type), "instance",
	    guid(p->instance), "inactive", (int)(p->flags & 1), "slices",
	    (json_int_t)p->slices, "extents", extents);
}

/* The extents of one partition: runs of slices in a row whose places in it are
 * in a row too. */
struct extents {
	json_t *list; /* NULL: none is wanted */
	uint64_t first, vfirst, count;
};

static void
end_extent(struct extents *e)
{
	if (e->count > 0 &&
	    json_array_append_new(e->list,
		json_pack("{s:o, s:o, s:o}", "slice", number(e->first),
		    "vslice", number(e->vfirst), "count", number(e->count))) <
		0)
		fatal_memory();
	e->count = 0;
}

static void
add_slice(struct extents *e, uint64_t slice, uint64_t vslice)
{
	if (e->count > 0 &&
	    (e->first + e->count != slice || e->vfirst + e->count != vslice))
		end_extent(e);
	if (e->count == 0)
		*e = (struct extents){e->list, slice, vslice, 0};
	e->count++;
}

/* Entries that are free but have slices are shown, too: that is what somebody
 * is looking for. */
static json_t *
partitions_json(const struct volume *v)
{
	struct extents all[FVM_PARTITIONS] = {0};
	json_t *list = json_array();
	uint64_t vslice;

	for (uint64_t s = 1; s <= v->geometry.slices; s++) {
		unsigned owner = fvm_owner(v->metadata, s, &vslice);

		if (owner == 0 || owner >= FVM_PARTITIONS)
			continue;
		if (all[owner].list == NULL)
			all[owner].list = json_array();
		add_slice(&all[owner], s, vslice);
	}
	for (unsigned n = 1; n < FVM_PARTITIONS; n++) {
		struct fvm_partition p = fvm_partition(v->metadata, n);

		if (p.slices == 0 && all[n].count == 0)
			continue;
		if (all[n].count == 0)
			all[n].list = json_array();
		end_extent(&all[n]);
		if (json_array_append_new(
			list, partition_json(&p, n, all[n].list)) < 0)
			fatal_memory();
	}
	return list;
}

json_t *
volume_json(const struct volume *v, const char *name, uint64_t size,
    const char *problem)
{
	const char *image = utf8_is(name) ? name : NULL;
	json_t *o = json_pack("{s:s*, s:o, s:[o, o]}", "image", image, "length",
	    number(size), "copies", copy_json(&v->copies[0], "A"),
	    copy_json(&v->copies[1], "B"));

	json_t *more =
	    v->metadata == NULL
		? json_pack("{s:n}", "active")
		: json_pack("{s:s, s:o, s:o, s:o, s:o, s:s*}", "active",
		      v->active == 0 ? "A" : "B", "metadata_size",
		      number(geometry_metadata(&v->geometry)), "data_start",
		      number(geometry_slice(&v->geometry, 1)), "allocated",
		      number(v->allocated), "partitions", partitions_json(v),
		      "problem",
		      problem != NULL && utf8_is(problem) ? problem : NULL);
	if (json_object_update(o, more) < 0)
		fatal_memory();
	json_decref(more);
	return o;
}
