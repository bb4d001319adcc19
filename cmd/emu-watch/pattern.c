#include "pattern.h"

#include "pattern_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pattern *
append(struct patterns *patterns)
{
	if (patterns->count == patterns->capacity) {
		size_t n = patterns->capacity * 2 + 16;
		struct pattern *more =
		    reallocarray(patterns->list, n, sizeof(*more));

		if (more == NULL)
			return NULL;
		patterns->list = more;
		patterns->capacity = n;
	}
	struct pattern *p = &patterns->list[patterns->count++];
	*p = (struct pattern){.hit = UINT64_MAX};
	return p;
}

static struct pattern *
add(struct patterns *patterns, const char *kind, const char *text,
    enum severity severity, struct reason *why)
{
	struct pattern *p = append(patterns);
	struct reason inner = {""};

	if (p == NULL || (p->kind = strdup(kind)) == NULL ||
	    (p->text = strdup(text)) == NULL) {
		reason_set(why, "out of memory");
		return NULL;
	}
	p->severity = severity;
	p->regex = regex_new(text, &inner);
	if (p->regex == NULL) {
		reason_set(why, "%s: %s", text, inner.text);
		return NULL;
	}
	p->literal_count = literal_find(text, p->literals);
	return p;
}

int
patterns_add(struct patterns *patterns, const char *text,
    enum severity severity, struct reason *why)
{
	if (text[0] == '\0')
		return reason_set(why, "empty expression");
	return add(patterns, text, text, severity, why) == NULL ? -1 : 0;
}

/* The kind that the lines of a file are about. */
struct section {
	struct patterns *patterns;
	char *kind;
	enum severity severity;
	size_t first; /* pattern of the kind */
	struct regex **ends;
	size_t end_count;
};

/* The patterns of the section share its ends. */
static int
close_section(struct section *s, struct reason *why)
{
	struct patterns *p = s->patterns;

	if (s->kind != NULL && s->first == p->count)
		return reason_set(why, "%s: no match line", s->kind);
	for (size_t i = s->first; i < p->count; i++) {
		p->list[i].ends = s->ends;
		p->list[i].end_count = s->end_count;
		p->list[i].owns_ends = i == s->first;
	}
	if (s->first < p->count) {
		s->ends = NULL;
		s->end_count = 0;
	}
	free(s->kind);
	s->kind = NULL;
	return 0;
}

static int
open_section(struct section *s, enum severity severity, const char *kind,
    struct reason *why)
{
	if (close_section(s, why) < 0)
		return -1;
	s->first = s->patterns->count;
	s->severity = severity;
	s->kind = strdup(kind);
	return s->kind == NULL ? reason_set(why, "out of memory") : 0;
}

static int
add_end(struct section *s, const char *text, struct reason *why)
{
	struct reason inner = {""};
	struct regex **more =
	    reallocarray(s->ends, s->end_count + 1, sizeof(struct regex *));

	if (more == NULL)
		return reason_set(why, "out of memory");
	s->ends = more;
	more[s->end_count] = regex_new(text, &inner);
	if (more[s->end_count] == NULL)
		return reason_set(why, "%s: %s", text, inner.text);
	s->end_count++;
	return 0;
}

static int
add_match(
    struct section *s, const char *set, const char *text, struct reason *why)
{
	struct pattern *p = add(s->patterns, s->kind, text, s->severity, why);

	if (p == NULL)
		return -1;
	p->set = strdup(set);
	return p->set == NULL ? reason_set(why, "out of memory") : 0;
}

static int
take_line(struct section *s, const char *set, const struct pattern_line *line,
    struct reason *why)
{
	switch (line->word) {
	case PATTERN_NOTE:
		return open_section(s, SEVERITY_NOTE, line->rest, why);
	case PATTERN_SUCCESS:
		return open_section(s, SEVERITY_SUCCESS, line->rest, why);
	case PATTERN_FATAL:
		return open_section(s, SEVERITY_FATAL, line->rest, why);
	case PATTERN_MATCH:
	case PATTERN_END:
		break;
	}
	if (s->kind == NULL)
		return reason_set(why, "expected note, success or fatal first");
	return line->word == PATTERN_END ? add_end(s, line->rest, why)
					 : add_match(s, set, line->rest, why);
}

int
patterns_add_set(
    struct patterns *patterns, const char *name, struct reason *why)
{
	struct section section = {
	    .patterns = patterns, .first = patterns->count};
	struct pattern_file file;
	struct pattern_line line;
	struct reason inner = {""};
	int r = pattern_file_open(&file, name, why);

	while (r == 0 && (r = pattern_file_next(&file, &line, why)) > 0) {
		r = take_line(&section, file.set, &line, &inner);
		if (r < 0)
			reason_set(why, "%s: line %zu: %s", file.path,
			    file.number, inner.text);
	}
	if (r == 0 && close_section(&section, &inner) < 0)
		r = reason_set(why, "%s: %s", file.path, inner.text);
	if (r < 0) {
		for (size_t i = 0; i < section.end_count; i++)
			regex_free(section.ends[i]);
		free(section.ends);
		free(section.kind);
	}
	pattern_file_close(&file);
	return r;
}

void
patterns_free(struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++) {
		struct pattern *p = &patterns->list[i];

		for (size_t k = 0; p->owns_ends && k < p->end_count; k++)
			regex_free(p->ends[k]);
		if (p->owns_ends)
			free(p->ends);
		regex_free(p->regex);
		free(p->set);
		free(p->kind);
		free(p->text);
	}
	free(patterns->list);
	*patterns = (struct patterns){0};
}
