#include "report.h"

#include "../fatal.h"
#include "json_text.h"
#include "utf8.h"
#include "volume_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

static const char copy_names[] = "AB";

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
	return geometry_slice(&plan->move.grown, 1) -
	       geometry_slice(&plan->volume.geometry, 1);
}

static const char *
way_name(enum move_way way)
{
	static const char *const names[] = {
	    [MOVE_NOTHING] = "none",
	    [MOVE_COPY] = "copied",
	    [MOVE_CLONE] = "cloned",
	    [MOVE_SHIFT] = "shifted",
	};

	return names[way];
}

static void
print_way(FILE *out, const struct move *move)
{
	switch (move->way) {
	case MOVE_NOTHING:
		break;
	case MOVE_COPY:
		fprintf(out, ": %" PRIu64 " bytes copied", move->bytes);
		break;
	case MOVE_CLONE:
		fputs(": cloned", out);
		break;
	case MOVE_SHIFT:
		fprintf(out, ": %" PRIu64 " bytes shifted within the file",
		    move->bytes);
		break;
	}
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
	    old->slices, plan->move.grown.slices, old->slice_size, partitions,
	    partitions == 1 ? "" : "s", copy_names[plan->volume.active]);
	if (distance(plan) == 0)
		fputs("slices stay", out);
	else
		fprintf(
		    out, "slices move by %" PRIu64 " bytes", distance(plan));
	if (done)
		print_way(out, &plan->move);
	putc('\n', out);
}

static json_t *
describe(const struct plan *plan, bool done)
{
	const struct volume *v = &plan->volume;
	const struct geometry *new =
	    plan->grow ? &plan->move.grown : &plan->volume.geometry;
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
	    (json_int_t)moved, "way", done ? way_name(plan->move.way) : NULL);
	if (json_object_update(o, more) < 0)
		fatal_memory();
	json_decref(more);
	return o;
}

/* Prints and frees a value. */
static void
print_json(FILE *out, json_t *value, size_t flags)
{
	char *text = value == NULL ? NULL : json_text(value, flags);

	if (text == NULL)
		fatal_memory();
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

void
report_volume(FILE *out, const struct plan *plan)
{
	bool broken = plan->state != VOLUME_SOUND;

	print_json(out,
	    volume_json(&plan->volume, plan->name, plan->size,
		broken ? plan->why.text : NULL),
	    JSON_INDENT(2));
}
