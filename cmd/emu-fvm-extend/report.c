#include "report.h"

#include "json_put.h"
#include "json_text.h"
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
distance(const struct job *job)
{
	if (job->volume.allocated == 0)
		return 0;
	return geometry_slice(&job->move.grown, 1) -
	       geometry_slice(&job->volume.geometry, 1);
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
print_words(FILE *out, const struct job *job, bool done)
{
	const struct geometry *old = &job->volume.geometry;
	unsigned partitions;

	if (!job->grow) {
		fprintf(out,
		    "%s: %" PRIu64 " bytes: large enough, left as it is\n",
		    job->name, job->size);
		return;
	}
	fprintf(out, "%s: %" PRIu64 " to %" PRIu64 " bytes", job->name,
	    job->size, job->length);
	if (job->state != VOLUME_SOUND) {
		fprintf(out, ", %s\n",
		    job->kind == NULL ? "by fvm_tool" : job->kind->what);
		return;
	}
	partitions = count_partitions(&job->volume);
	fprintf(out,
	    ", %" PRIu64 " to %" PRIu64 " slices of %" PRIu64
	    " bytes, %u partition%s, copy %c active, ",
	    old->slices, job->move.grown.slices, old->slice_size, partitions,
	    partitions == 1 ? "" : "s", copy_names[job->volume.active]);
	if (distance(job) == 0)
		fputs("slices stay", out);
	else
		fprintf(out, "slices move by %" PRIu64 " bytes", distance(job));
	if (done)
		print_way(out, &job->move);
	putc('\n', out);
}

static json_t *
describe(const struct job *job, bool done)
{
	const struct volume *v = &job->volume;
	json_t *o = json_pack("{s:b, s:I, s:I}", "grow", job->grow, "length",
	    (json_int_t)job->size, "new_length",
	    (json_int_t)(job->grow ? job->length : job->size));

	if (o == NULL)
		return NULL;
	json_put_text(&o, "image", job->name);
	if (job->kind != NULL)
		json_put(&o, "kind", json_string(job->kind->what));
	if (job->state != VOLUME_SOUND)
		return o;
	const struct geometry *new =
	    job->grow ? &job->move.grown : &job->volume.geometry;
	json_t *more = json_pack("{s:I, s:I, s:I, s:I, s:i, s:s%, s:b, s:I}",
	    "slice_size", (json_int_t) new->slice_size, "slices",
	    (json_int_t)v->geometry.slices, "new_slices",
	    (json_int_t) new->slices, "allocated", (json_int_t)v->allocated,
	    "partitions", (int)count_partitions(v), "active",
	    &copy_names[v->active], (size_t)1, "moves",
	    job->grow && distance(job) > 0, "distance",
	    (json_int_t)(job->grow ? distance(job) : 0));
	if (done)
		json_put(&more, "way", json_string(way_name(job->move.way)));
	if (more == NULL || json_object_update(o, more) < 0) {
		json_decref(o);
		o = NULL;
	}
	json_decref(more);
	return o;
}

/* Prints and frees a value. */
static int
print_json(FILE *out, json_t *value, size_t flags, struct reason *why)
{
	if (value == NULL)
		return reason_memory(why);
	char *text = json_text(value, flags);
	json_decref(value);
	if (text == NULL)
		return reason_memory(why);
	int result = fprintf(out, "%s\n", text);
	free(text);
	return result < 0 ? reason_errno(why, "<stdout>") : 0;
}

int
report_job(
    FILE *out, const struct job *job, bool done, bool json, struct reason *why)
{
	if (json)
		return print_json(out, describe(job, done), 0, why);
	/* In a pipeline it has to be told who speaks. */
	if (out == stderr)
		fputs("emu-fvm-extend: ", out);
	print_words(out, job, done);
	return 0;
}

int
report_volume(FILE *out, const struct job *job, struct reason *why)
{
	json_t *value = volume_json(&job->volume, job->name, job->size);

	if (value != NULL && job->volume.metadata != NULL &&
	    job->state != VOLUME_SOUND)
		json_put_text(&value, "problem", job->why.text);
	return print_json(out, value, JSON_INDENT(2), why);
}
