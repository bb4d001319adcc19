#include "outcome.h"

#include "json_text.h"
#include "record.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

enum { LINE_SHOWN = 200 };

static const char *const severities[] = {"note", "success", "fatal"};

/* To the millisecond. */
static double
seconds(uint64_t nanoseconds)
{
	uint64_t milliseconds = nanoseconds / 1000000;

	return (double)milliseconds / 1000;
}

/* The length of the line that matched, the first of the report. */
static size_t
first_line(const struct finding *e)
{
	const char *newline =
	    e->len == 0 ? NULL : memchr(e->report, '\n', e->len);

	return newline == NULL ? e->len : (size_t)(newline - e->report);
}

static void
describe(const struct finding *e, struct reason *line)
{
	const struct pattern *p = e->pattern;
	const char *set = p->set;
	size_t n = first_line(e);

	if (set == NULL)
		set = p->severity == SEVERITY_FATAL ? "failure" : "success";
	reason_set(line, "%s: %s%sline %" PRIu64 ", %.3f s: %.*s", set,
	    p->set == NULL ? "" : p->kind, p->set == NULL ? "" : ": ", e->line,
	    seconds(e->time), n > LINE_SHOWN ? LINE_SHOWN : (int)n,
	    n == 0 ? "" : e->report);
}

static void
set(struct outcome *o, int status, const char *cause)
{
	o->status = status;
	o->cause = cause;
}

static void
decide_at_end(struct outcome *o, bool success_wanted, struct reason *line)
{
	const struct loop *l = o->loop;

	if (l->bytes == 0) {
		set(o, 2, "empty");
		reason_set(line, "<stdin>: empty");
	} else if (success_wanted) {
		set(o, 2, "end");
		reason_set(line,
		    "<stdin>: ended after %.3f s and %" PRIu64
		    " bytes without success",
		    seconds(l->elapsed), l->bytes);
	} else {
		set(o, 0, "end");
	}
}

void
outcome_decide(struct outcome *outcome, enum loop_end end, bool success_wanted,
    struct reason *line)
{
	const struct findings *f = outcome->findings;
	const struct loop *l = outcome->loop;

	line->text[0] = '\0';
	if (f->fatal != NULL) {
		set(outcome, 1, "failure");
		describe(f->fatal, line);
	} else if (end == LOOP_READER) {
		set(outcome, 123, "reader");
		reason_set(line, "<stdout>: Broken pipe");
	} else if (f->success != NULL) {
		set(outcome, 0, "success");
		describe(f->success, line);
	} else if (end == LOOP_TIMEOUT) {
		set(outcome, 124, "timeout");
		reason_set(
		    line, "<stdin>: no verdict in %g s", seconds(l->total));
	} else if (end == LOOP_SILENCE) {
		set(outcome, 124, "silence");
		reason_set(
		    line, "<stdin>: silent for %g s", seconds(l->silence));
	} else {
		decide_at_end(outcome, success_wanted, line);
	}
}

bool
outcome_note(const struct outcome *outcome, size_t pattern, struct reason *line)
{
	const struct findings *f = outcome->findings;
	const struct pattern *p = &f->matcher->patterns->list[pattern];
	uint64_t times = f->matcher->searches[pattern].matches;
	struct reason first;

	if (p->severity != SEVERITY_NOTE || times == 0)
		return false;
	for (size_t i = 0; i < f->count; i++) {
		if (f->list[i].pattern != p)
			continue;
		describe(&f->list[i], &first);
		reason_set(line, "%s", first.text);
		if (times > 1)
			reason_set(
			    line, "%s (%" PRIu64 " times)", first.text, times);
		return true;
	}
	reason_set(line, "%s: %s: %" PRIu64 " times", p->set, p->kind, times);
	return true;
}

static json_t *
finding_object(const struct finding *e)
{
	const struct pattern *p = e->pattern;
	size_t first = first_line(e);
	bool more = e->len > first + 1;
	json_t *report = more ? json_text_value(e->report, e->len) : NULL;

	if (more && report == NULL)
		return NULL;
	return json_pack("{s:s?, s:o, s:s, s:o, s:I, s:f, s:o, s:o*, s:o*}",
	    "set", p->set, "kind", json_text_value(p->kind, strlen(p->kind)),
	    "severity", severities[p->severity], "pattern",
	    json_text_value(p->text, strlen(p->text)), "line",
	    (json_int_t)e->line, "time", seconds(e->time), "text",
	    json_text_value(e->report, first), "report", report, "cut",
	    e->cut ? json_true() : NULL);
}

static json_t *
record_object(const struct outcome *o)
{
	const struct findings *f = o->findings;
	json_t *matches = json_array();

	for (size_t i = 0; matches != NULL && i < f->count; i++) {
		if (json_array_append_new(
			matches, finding_object(&f->list[i])) < 0) {
			json_decref(matches);
			return NULL;
		}
	}
	return json_pack("{s:i, s:s, s:f, s:I, s:I, s:o}", "status", o->status,
	    "cause", o->cause, "seconds", seconds(o->loop->elapsed), "bytes",
	    (json_int_t)o->loop->bytes, "unrecorded", (json_int_t)f->unrecorded,
	    "matches", matches);
}

int
outcome_write(const struct outcome *outcome, struct reason *why)
{
	return record_write(record_object(outcome), outcome->record, why);
}
