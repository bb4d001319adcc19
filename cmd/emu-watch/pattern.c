#include "pattern.h"

#include "../fatal.h"
#include "input.h"
#include "share_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 };

/* A pattern file as it is read. */
struct reader {
	struct patterns *patterns;
	char *where; /* "linux: line 3"; owned */
	const char *set;
	const char *kind; /* what the lines are about; NULL: nothing yet */
	enum severity severity;
	size_t first; /* pattern of the kind */
	size_t first_end;
	size_t first_except, except_count;
};

static struct regex *
compile(struct patterns *patterns, const char *where, const char *text)
{
	struct reason why = {""};

	if (patterns->memory == NULL)
		patterns->memory = regex_memory_new();
	struct regex *regex = regex_new(text, patterns->memory, &why);
	if (regex == NULL)
		fatal("%s: %s: %s", where, text, why.text);
	return regex;
}

static void
add(struct patterns *patterns, const char *where, const struct pattern *pattern)
{
	patterns->list = reallocarray(
	    patterns->list, patterns->count + 1, sizeof(*patterns->list));
	if (patterns->list == NULL)
		fatal_memory();
	struct pattern *p = &patterns->list[patterns->count++];
	*p = *pattern;
	p->regex = compile(patterns, where, p->text);
}

void
patterns_add(struct patterns *patterns, char option, const char *text)
{
	const struct pattern pattern = {.kind = text,
	    .text = text,
	    .severity = option == 's' ? SEVERITY_SUCCESS : SEVERITY_FATAL};
	const char where[] = {'-', option, '\0'};

	if (text[0] == '\0')
		fatal("%s: empty expression", where);
	add(patterns, where, &pattern);
}

static void
add_match(struct reader *r, const char *text)
{
	const struct pattern pattern = {.set = r->set,
	    .kind = r->kind,
	    .text = text,
	    .severity = r->severity};

	add(r->patterns, r->where, &pattern);
}

/* An expression that patterns share. */
static void
add_shared(struct reader *r, const char *text)
{
	struct patterns *p = r->patterns;

	p->expressions = reallocarray(
	    p->expressions, p->expression_count + 1, sizeof(struct regex *));
	if (p->expressions == NULL)
		fatal_memory();
	p->expressions[p->expression_count++] = compile(p, r->where, text);
}

/* The patterns of the kind share its ends. */
static void
close_kind(struct reader *r, const char *where)
{
	struct patterns *p = r->patterns;

	if (r->kind != NULL && r->first == p->count)
		fatal("%s: %s: no match line", where, r->kind);
	for (size_t i = r->first; i < p->count; i++) {
		p->list[i].first_end = r->first_end;
		p->list[i].end_count = p->expression_count - r->first_end;
		p->list[i].first_except = r->first_except;
		p->list[i].except_count = r->except_count;
	}
	r->first = p->count;
	r->first_end = p->expression_count;
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
static void
take_line(struct reader *r, const char *line)
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
		close_kind(r, r->where);
		r->severity = (enum severity)i;
		r->kind = rest;
		return;
	}
	if (is_word(line, "except", &rest)) {
		if (r->kind != NULL)
			fatal(
			    "%s: except comes before the first kind", r->where);
		r->except_count++;
		add_shared(r, rest);
		return;
	}
	bool is_match = is_word(line, "match", &rest);
	if (!is_match && !is_word(line, "end", &rest))
		fatal("%s: expected except, note, success, fatal, match or "
		      "end, and what it is",
		    r->where);
	if (r->kind == NULL)
		fatal("%s: expected note, success or fatal first", r->where);
	if (is_match)
		add_match(r, rest);
	else
		add_shared(r, rest);
}

static void
take_file(struct reader *r, const char *path, char *text)
{
	size_t number = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		number++;
		line += strspn(line, " \t");
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (asprintf(&r->where, "%s: line %zu", path, number) < 0)
			fatal_memory();
		take_line(r, line);
		free(r->where);
	}
	close_kind(r, path);
}

static char *
find(const char *name)
{
	char *in_share, *path;

	if (strchr(name, '/') != NULL) {
		path = strdup(name);
	} else {
		if (asprintf(&in_share, "patterns/%s", name) < 0)
			fatal_memory();
		path = share_file(in_share);
		free(in_share);
	}
	if (path == NULL)
		fatal_memory();
	return path;
}

void
patterns_add_set(struct patterns *patterns, const char *name)
{
	const char *slash = strrchr(name, '/');
	struct reader reader = {.patterns = patterns,
	    .set = slash == NULL ? name : slash + 1,
	    .first = patterns->count,
	    .first_end = patterns->expression_count,
	    .first_except = patterns->expression_count};
	size_t len = 0, first = patterns->count;
	struct reason why;
	char *text = NULL;

	if (name[0] == '\0')
		fatal("@: a pattern set needs a name");
	char *path = find(name);
	fatal_if(input_read(path, FILE_BYTES, &text, &len, &why) < 0, &why);
	if (strlen(text) != len)
		fatal("%s: a NUL in it", path);
	take_file(&reader, path, text);
	if (patterns->count > first)
		patterns->list[first].file = text;
	else
		free(text);
	free(path);
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
