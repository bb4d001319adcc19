#include "pattern.h"

#include "input.h"
#include "share_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 };

/* A pattern file as it is read. */
struct reader {
	struct patterns *patterns;
	const char *set;
	const char *kind; /* what the lines are about; NULL: nothing yet */
	enum severity severity;
	size_t first; /* pattern of the kind */
	size_t first_end;
	size_t first_except, except_count;
};

static struct regex *
compile(struct patterns *patterns, const char *text, struct reason *why)
{
	struct reason inner = {""};

	if (patterns->memory == NULL)
		patterns->memory = regex_memory_new();
	struct regex *regex = regex_new(text, patterns->memory, &inner);

	if (regex == NULL)
		reason_set(why, "%s: %s", text, inner.text);
	return regex;
}

static int
add(struct patterns *patterns, const struct pattern *pattern,
    struct reason *why)
{
	struct pattern *more =
	    reallocarray(patterns->list, patterns->count + 1, sizeof(*more));

	if (more == NULL)
		return reason_memory(why);
	patterns->list = more;
	more[patterns->count] = *pattern;
	more[patterns->count].regex = compile(patterns, pattern->text, why);
	return more[patterns->count++].regex == NULL ? -1 : 0;
}

int
patterns_add(struct patterns *patterns, const char *text,
    enum severity severity, struct reason *why)
{
	const struct pattern pattern = {
	    .kind = text, .text = text, .severity = severity};

	if (text[0] == '\0')
		return reason_set(why, "empty expression");
	return add(patterns, &pattern, why);
}

static int
add_match(struct reader *r, const char *text, struct reason *why)
{
	const struct pattern pattern = {.set = r->set,
	    .kind = r->kind,
	    .text = text,
	    .severity = r->severity};

	return add(r->patterns, &pattern, why);
}

/* An expression that patterns share. */
static int
add_shared(struct patterns *p, const char *text, struct reason *why)
{
	struct regex **more = reallocarray(
	    p->expressions, p->expression_count + 1, sizeof(struct regex *));

	if (more == NULL)
		return reason_memory(why);
	p->expressions = more;
	more[p->expression_count] = compile(p, text, why);
	return more[p->expression_count++] == NULL ? -1 : 0;
}

/* The patterns of the kind share its ends. */
static int
close_kind(struct reader *r, struct reason *why)
{
	struct patterns *p = r->patterns;

	if (r->kind != NULL && r->first == p->count)
		return reason_set(why, "%s: no match line", r->kind);
	for (size_t i = r->first; i < p->count; i++) {
		p->list[i].first_end = r->first_end;
		p->list[i].end_count = p->expression_count - r->first_end;
		p->list[i].first_except = r->first_except;
		p->list[i].except_count = r->except_count;
	}
	r->first = p->count;
	r->first_end = p->expression_count;
	return 0;
}

static bool
is_word(const char *line, const char *word, const char **rest)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) != 0 || strchr(" \t", line[n]) == NULL)
		return false;
	*rest = line + n + strspn(line + n, " \t");
	return **rest != '\0';
}

/* A line that is neither empty nor a comment. */
static int
take_line(struct reader *r, const char *line, struct reason *why)
{
	static const char *const severities[] = {
	    [SEVERITY_NOTE] = "note",
	    [SEVERITY_SUCCESS] = "success",
	    [SEVERITY_FATAL] = "fatal",
	};
	const char *rest;

	for (size_t i = SEVERITY_NOTE; i <= SEVERITY_FATAL; i++) {
		if (!is_word(line, severities[i], &rest))
			continue;
		if (close_kind(r, why) < 0)
			return -1;
		r->severity = (enum severity)i;
		r->kind = rest;
		return 0;
	}
	if (is_word(line, "except", &rest)) {
		if (r->kind != NULL)
			return reason_set(
			    why, "except comes before the first kind");
		r->except_count++;
		return add_shared(r->patterns, rest, why);
	}
	bool is_match = is_word(line, "match", &rest);
	if (!is_match && !is_word(line, "end", &rest))
		return reason_set(why,
		    "expected except, note, success, fatal, match or end, and "
		    "what it is");
	if (r->kind == NULL)
		return reason_set(why, "expected note, success or fatal first");
	return is_match ? add_match(r, rest, why)
			: add_shared(r->patterns, rest, why);
}

static int
take_file(struct reader *r, const char *path, char *text, struct reason *why)
{
	struct reason inner = {""};
	size_t number = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		number++;
		line += strspn(line, " \t");
		if (line[0] != '\0' && line[0] != '#' &&
		    take_line(r, line, &inner) < 0)
			return reason_set(
			    why, "%s: line %zu: %s", path, number, inner.text);
	}
	if (close_kind(r, &inner) < 0)
		return reason_set(why, "%s: %s", path, inner.text);
	return 0;
}

static char *
find(const char *name)
{
	char *in_share, *path;

	if (strchr(name, '/') != NULL)
		return strdup(name);
	if (asprintf(&in_share, "patterns/%s", name) < 0)
		return NULL;
	path = share_file(in_share);
	free(in_share);
	return path;
}

int
patterns_add_set(
    struct patterns *patterns, const char *name, struct reason *why)
{
	const char *slash = strrchr(name, '/');
	struct reader reader = {.patterns = patterns,
	    .set = slash == NULL ? name : slash + 1,
	    .first = patterns->count,
	    .first_end = patterns->expression_count,
	    .first_except = patterns->expression_count};
	size_t len = 0, first = patterns->count;
	char *text = NULL;
	int r = -1;

	if (name[0] == '\0')
		return reason_set(why, "@: a pattern set needs a name");
	char *path = find(name);
	if (path == NULL)
		reason_memory(why);
	else if (input_read(path, FILE_BYTES, &text, &len, why) == 0)
		r = strlen(text) != len
			? reason_set(why, "%s: a NUL in it", path)
			: take_file(&reader, path, text, why);
	if (patterns->count > first)
		patterns->list[first].file = text;
	else
		free(text);
	free(path);
	return r;
}

void
patterns_free(struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++) {
		regex_free(patterns->list[i].regex);
		free(patterns->list[i].file);
	}
	for (size_t i = 0; i < patterns->expression_count; i++)
		regex_free(patterns->expressions[i]);
	regex_memory_free(patterns->memory);
	free(patterns->list);
	free(patterns->expressions);
	*patterns = (struct patterns){0};
}
