#include "outcome.h"

#include "json_text.h"
#include "output_file.h"
#include "utf8.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
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
first_line(const struct event *e)
{
	const char *newline =
	    e->len == 0 ? NULL : memchr(e->report, '\n', e->len);

	return newline == NULL ? e->len : (size_t)(newline - e->report);
}

static void
describe(const struct event *e, struct reason *line)
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
	const struct verdict *v = outcome->verdict;
	const struct loop *l = outcome->loop;

	line->text[0] = '\0';
	if (v->fatal != NULL) {
		set(outcome, 1, "failure");
		describe(v->fatal, line);
	} else if (end == LOOP_READER) {
		set(outcome, 123, "reader");
		reason_set(line, "<stdout>: Broken pipe");
	} else if (v->success != NULL) {
		set(outcome, 0, "success");
		describe(v->success, line);
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
	const struct verdict *v = outcome->verdict;
	const struct pattern *p = &v->matcher->patterns->list[pattern];
	struct reason first;

	if (p->severity != SEVERITY_NOTE || p->matches == 0)
		return false;
	for (size_t i = 0; i < v->count; i++) {
		if (v->events[i].pattern != p)
			continue;
		describe(&v->events[i], &first);
		reason_set(line, "%s", first.text);
		if (p->matches > 1)
			reason_set(line, "%s (%" PRIu64 " times)", first.text,
			    p->matches);
		return true;
	}
	reason_set(
	    line, "%s: %s: %" PRIu64 " times", p->set, p->kind, p->matches);
	return true;
}

/* A copy of the text with what is no UTF-8, and NUL, replaced by U+FFFD. */
static char *
clean_copy(const char *text, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *clean = calloc(len + 1, sizeof(replacement) - 1), *p = clean;

	if (clean == NULL)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t n = text[i] == '\0' ? 0 : utf8_length(text + i, len - i);

		if (n == 0) {
			memcpy(p, replacement, 3);
			p += 3;
			i++;
		} else {
			memcpy(p, text + i, n);
			p += n;
			i += n;
		}
	}
	*p = '\0';
	return clean;
}

static json_t *
clean_string(const char *text, size_t len)
{
	char *clean = len == 0 ? strdup("") : clean_copy(text, len);
	json_t *string = clean == NULL ? NULL : json_string(clean);

	free(clean);
	return string;
}

static json_t *
event_object(const struct event *e)
{
	const struct pattern *p = e->pattern;
	size_t first = first_line(e);
	json_t *o = json_pack("{s:s?, s:o, s:s, s:o, s:I, s:I, s:f, s:o}",
	    "set", p->set, "kind", clean_string(p->kind, strlen(p->kind)),
	    "severity", severities[p->severity], "pattern",
	    clean_string(p->text, strlen(p->text)), "line", (json_int_t)e->line,
	    "offset", (json_int_t)e->byte, "time", seconds(e->time), "text",
	    clean_string(e->report, first));

	int r = o == NULL ? -1 : 0;
	if (r == 0 && e->len > first + 1)
		r = json_object_set_new(
		    o, "report", clean_string(e->report, e->len));
	if (r == 0 && e->cut)
		r = json_object_set_new(o, "cut", json_true());
	if (r == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
record_object(const struct outcome *o)
{
	const struct verdict *v = o->verdict;
	json_t *matches = json_array();

	for (size_t i = 0; matches != NULL && i < v->count; i++) {
		if (json_array_append_new(
			matches, event_object(&v->events[i])) < 0) {
			json_decref(matches);
			return NULL;
		}
	}
	return json_pack("{s:i, s:s, s:f, s:I, s:I, s:o}", "status", o->status,
	    "cause", o->cause, "seconds", seconds(o->loop->elapsed), "bytes",
	    (json_int_t)o->loop->bytes, "unrecorded", (json_int_t)v->unrecorded,
	    "matches", matches);
}

int
outcome_write(
    const struct outcome *outcome, const char *file, struct reason *why)
{
	json_t *record = record_object(outcome);
	char *text =
	    record == NULL
		? NULL
		: json_text(record, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	int r;

	json_decref(record);
	if (text == NULL)
		return reason_set(why, "%s: out of memory", file);
	size_t len = strlen(text);
	text[len] = '\n';
	r = output_file_write(file, text, len + 1, why);
	free(text);
	return r;
}
