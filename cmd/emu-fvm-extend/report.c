#include "report.h"

#include "../fatal.h"
#include "../memory.h"
#include "json_text.h"
#include "utf8.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char copy_names[] = "AB";

static const char *const way_names[] = {
    [MOVE_NOTHING] = "none",
    [MOVE_COPY] = "copied",
    [MOVE_CLONE] = "cloned",
    [MOVE_SHIFT] = "shifted",
};

static unsigned
count_partitions(const struct volume *v)
{
	unsigned count = 0;

	for (unsigned n = 1; n < FVM_PARTITIONS; n++)
		count += fvm_partition(v->metadata, n).slices > 0;
	return count;
}

static uint64_t
distance(const struct plan *plan)
{
	if (plan->volume.allocated == 0)
		return 0;
	return geometry_slice(&plan->grown, 1) -
	       geometry_slice(&plan->volume.geometry, 1);
}

static void
print_way(FILE *out, const struct plan *plan)
{
	if (plan->way == MOVE_CLONE)
		fputs(": cloned", out);
	else if (plan->way != MOVE_NOTHING)
		fprintf(out, ": %" PRIu64 " bytes %s%s", plan->bytes,
		    way_names[plan->way],
		    plan->way == MOVE_SHIFT ? " within the file" : "");
}

static void
print_words(FILE *out, const struct plan *plan, bool done)
{
	const struct geometry *old = &plan->volume.geometry;
	unsigned partitions;

	if (!plan->grow) {
		fprintf(out,
		    "%s: %" PRIu64 " bytes: large enough, left as it is\n",
		    plan->name, plan->size);
		return;
	}
	fprintf(out, "%s: %" PRIu64 " to %" PRIu64 " bytes", plan->name,
	    plan->size, plan->length);
	if (plan->state != VOLUME_SOUND) {
		fprintf(out, ", %s\n",
		    plan->kind == NULL ? "by fvm_tool" : plan->kind->what);
		return;
	}
	partitions = count_partitions(&plan->volume);
	fprintf(out,
	    ", %" PRIu64 " to %" PRIu64 " slices of %" PRIu64
	    " bytes, %u partition%s, copy %c active, ",
	    old->slices, plan->grown.slices, old->slice_size, partitions,
	    partitions == 1 ? "" : "s", copy_names[plan->volume.active]);
	if (distance(plan) == 0)
		fputs("slices stay", out);
	else
		fprintf(
		    out, "slices move by %" PRIu64 " bytes", distance(plan));
	if (done)
		print_way(out, plan);
	putc('\n', out);
}

static json_t *
describe(const struct plan *plan, bool done)
{
	const struct volume *v = &plan->volume;
	const struct geometry *new =
	    plan->grow ? &plan->grown : &plan->volume.geometry;
	uint64_t moved = plan->grow ? distance(plan) : 0;
	json_t *o = json_pack("{s:b, s:I, s:I, s:s*, s:s*}", "grow", plan->grow,
	    "length", (json_int_t)plan->size, "new_length",
	    (json_int_t)(plan->grow ? plan->length : plan->size), "image",
	    utf8_is(plan->name) ? plan->name : NULL, "kind",
	    plan->kind == NULL ? NULL : plan->kind->what);

	if (o == NULL || plan->state != VOLUME_SOUND)
		return o;
	json_t *more = json_pack(
	    "{s:I, s:I, s:I, s:I, s:i, s:s%, s:b, s:I, s:s*}", "slice_size",
	    (json_int_t) new->slice_size, "slices",
	    (json_int_t)v->geometry.slices, "new_slices",
	    (json_int_t) new->slices, "allocated", (json_int_t)v->allocated,
	    "partitions", (int)count_partitions(v), "active",
	    &copy_names[v->active], (size_t)1, "moves", moved > 0, "distance",
	    (json_int_t)moved, "way", done ? way_names[plan->way] : NULL);
	if (json_object_update(o, more) < 0)
		fatal_memory();
	json_decref(more);
	return o;
}

/* Prints and frees a value. */
static void
print_json(FILE *out, json_t *value, size_t flags)
{
	char *text = memory_got(json_text(memory_got(value), flags));

	if (fprintf(out, "%s\n", text) < 0)
		fatal_errno("<stdout>");
	json_decref(value);
	free(text);
}

void
report_plan(FILE *out, const struct plan *plan, bool done, bool json)
{
	if (json) {
		print_json(out, describe(plan, done), 0);
		return;
	}
	/* In a pipeline it has to be told who speaks. */
	if (out == stderr)
		fputs("emu-fvm-extend: ", out);
	print_words(out, plan, done);
}

static json_t *
number(uint64_t n)
{
	char text[24];

	if (n <= INT64_MAX)
		return json_integer((json_int_t)n);
	snprintf(text, sizeof(text), "%" PRIu64, n);
	return json_string(text);
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
	char hash[DIGEST_TEXT];

	digest_text(h->hash, hash);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
	    "version", number(h->version), "slices", number(h->slices),
	    "slice_size", number(h->slice_size), "partition_size",
	    number(h->partition_size), "partition_table_size",
	    number(h->partition_table_size), "allocation_table_size",
	    number(h->table_size), "generation", number(h->generation), "hash",
	    hash, "oldest_version", number(h->oldest));
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
	json_t *list;
	json_t *count;          /* of the last one; NULL: there is none */
	uint64_t slice, vslice; /* that would continue it */
};

static void
add_slice(struct extents *e, uint64_t slice, uint64_t vslice)
{
	if (e->list == NULL)
		e->list = json_array();
	if (e->count == NULL || slice != e->slice || vslice != e->vslice) {
		e->count = json_integer(0);
		if (json_array_append_new(e->list,
			json_pack("{s:I, s:I, s:o}", "slice", (json_int_t)slice,
			    "vslice", (json_int_t)vslice, "count", e->count)) <
		    0)
			fatal_memory();
	}
	json_integer_set(e->count, json_integer_value(e->count) + 1);
	e->slice = slice + 1;
	e->vslice = vslice + 1;
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

		if (owner != 0 && owner < FVM_PARTITIONS)
			add_slice(&all[owner], s, vslice);
	}
	for (unsigned n = 1; n < FVM_PARTITIONS; n++) {
		struct fvm_partition p = fvm_partition(v->metadata, n);
		json_t *extents = all[n].list;

		if (p.slices == 0 && extents == NULL)
			continue;
		if (json_array_append_new(list,
			partition_json(&p, n,
			    extents != NULL ? extents : json_array())) < 0)
			fatal_memory();
	}
	return list;
}

void
report_volume(FILE *out, const struct plan *plan)
{
	const struct volume *v = &plan->volume;
	bool broken = plan->state != VOLUME_SOUND;
	json_t *o = json_pack("{s:s*, s:o, s:[o, o]}", "image",
	    utf8_is(plan->name) ? plan->name : NULL, "length",
	    number(plan->size), "copies", copy_json(&v->copies[0], "A"),
	    copy_json(&v->copies[1], "B"));

	json_t *more =
	    v->metadata == NULL
		? json_pack("{s:n}", "active")
		: json_pack("{s:s%, s:o, s:o, s:o, s:o, s:s*}", "active",
		      &copy_names[v->active], (size_t)1, "metadata_size",
		      number(geometry_metadata(&v->geometry)), "data_start",
		      number(geometry_slice(&v->geometry, 1)), "allocated",
		      number(v->allocated), "partitions", partitions_json(v),
		      "problem",
		      broken && utf8_is(plan->why.text) ? plan->why.text
							: NULL);
	if (json_object_update(o, more) < 0)
		fatal_memory();
	json_decref(more);
	print_json(out, o, JSON_INDENT(2));
}
