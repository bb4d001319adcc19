#include "volume_json.h"

#include "json_values.h"

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
	json_t *o = json_object();

	json_put(&o, "version", number(h->version));
	json_put(&o, "slices", number(h->slices));
	json_put(&o, "slice_size", number(h->slice_size));
	json_put(&o, "partition_size", number(h->partition_size));
	json_put(&o, "partition_table_size", number(h->partition_table_size));
	json_put(&o, "allocation_table_size", number(h->table_size));
	json_put(&o, "generation", number(h->generation));
	json_put(&o, "hash", hex(h->hash, sizeof(h->hash)));
	json_put(&o, "oldest_version", number(h->oldest));
	return o;
}

static json_t *
copy_json(const struct volume_copy *copy, const char *name)
{
	json_t *o = json_object();

	json_put(&o, "copy", json_string(name));
	json_put(&o, "valid", json_boolean(copy->valid));
	if (!copy->valid)
		json_put_text(&o, "reason", copy->why.text);
	if (copy->found) {
		json_put(&o, "offset", number(copy->at));
		json_put(&o, "header", header_json(&copy->header));
	}
	return o;
}

static json_t *
partition_json(const struct fvm_partition *p, unsigned n)
{
	json_t *o = json_object();

	json_put(&o, "index", json_integer(n));
	json_put(&o, "name", name_text(p->name));
	json_put(&o, "type", guid(p->type));
	json_put(&o, "instance", guid(p->instance));
	json_put(&o, "inactive", json_boolean(p->flags & 1));
	json_put(&o, "slices", json_integer(p->slices));
	json_put(&o, "extents", json_array());
	return o;
}

/* Where the next slice of a partition would continue its last extent. */
struct cursor {
	json_t *extents; /* borrowed */
	uint64_t first, vfirst, count;
	bool failed;
};

static void
end_extent(struct cursor *c)
{
	json_t *o;

	if (c->count == 0 || c->extents == NULL)
		return;
	o = json_object();
	json_put(&o, "slice", number(c->first));
	json_put(&o, "vslice", number(c->vfirst));
	json_put(&o, "count", number(c->count));
	c->failed |= json_array_append_new(c->extents, o) < 0;
	c->count = 0;
}

static void
add_slice(struct cursor *c, uint64_t slice, uint64_t vslice)
{
	if (c->count > 0 && c->first + c->count == slice &&
	    c->vfirst + c->count == vslice) {
		c->count++;
		return;
	}
	end_extent(c);
	c->first = slice;
	c->vfirst = vslice;
	c->count = 1;
}

/* Entries that are free but have slices are shown, too: that is what somebody
 * is looking for. */
static json_t *
partitions_json(const struct volume *v)
{
	struct cursor cursors[FVM_PARTITIONS] = {0};
	bool owns[FVM_PARTITIONS] = {0}, failed = false;
	json_t *list = json_array();

	for (uint64_t s = 1; s <= v->geometry.slices; s++)
		owns[fvm_owner(v->metadata, s, NULL) % FVM_PARTITIONS] = true;
	for (unsigned n = 1; n < FVM_PARTITIONS; n++) {
		struct fvm_partition p = fvm_partition(v->metadata, n);

		if (p.slices == 0 && !owns[n])
			continue;
		json_t *o = partition_json(&p, n);
		cursors[n].extents = json_object_get(o, "extents");
		json_put_item(&list, o);
		if (list == NULL)
			return NULL;
	}
	for (uint64_t s = 1; s <= v->geometry.slices; s++) {
		uint64_t vslice;
		unsigned owner = fvm_owner(v->metadata, s, &vslice);

		if (owner > 0 && owner < FVM_PARTITIONS)
			add_slice(&cursors[owner], s, vslice);
	}
	for (unsigned n = 1; n < FVM_PARTITIONS; n++) {
		end_extent(&cursors[n]);
		failed |= cursors[n].failed;
	}
	if (!failed)
		return list;
	json_decref(list);
	return NULL;
}

json_t *
volume_json(const struct volume *v, const char *name, uint64_t size)
{
	json_t *o = json_object(), *copies = json_array();

	json_put_text(&o, "image", name);
	json_put(&o, "length", number(size));
	json_put_item(&copies, copy_json(&v->copies[0], "A"));
	json_put_item(&copies, copy_json(&v->copies[1], "B"));
	json_put(&o, "copies", copies);
	if (v->metadata == NULL) {
		json_put(&o, "active", json_null());
		return o;
	}
	json_put(&o, "active", json_string(v->active == 0 ? "A" : "B"));
	json_put(&o, "metadata_size", number(geometry_metadata(&v->geometry)));
	json_put(&o, "data_start", number(geometry_slice(&v->geometry, 1)));
	json_put(&o, "allocated", number(v->allocated));
	json_put(&o, "partitions", partitions_json(v));
	return o;
}
