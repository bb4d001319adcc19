#include "pattern.h"

#include "../fatal.h"
#include "../memory.h"
#include "input.h"
#include "share_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 };

/* A set's file as it is read. */
struct set {
	struct patterns *patterns;
	char *where;         /* "linux: line 3"; owned */
	struct pattern next; /* what the next patterns have in common */
	size_t first;        /* pattern of the kind */
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
	patterns->list = memory_grow(
	    patterns->list, patterns->count, sizeof(*patterns->list));
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
add_match(struct set *s, const char *text)
{
	s->next.text = text;
	add(s->patterns, s->where, &s->next);
}

/* An expression that patterns share. */
static void
add_shared(struct set *s, const char *text)
{
	struct patterns *p = s->patterns;

	p->expressions = memory_grow(
	    p->expressions, p->expression_count, sizeof(struct regex *));
	p->expressions[p->expression_count++] = compile(p, s->where, text);
}

/* The patterns of the kind share its ends. */
static void
close_kind(struct set *s, const char *where)
{
	struct patterns *p = s->patterns;

	if (s->next.kind != NULL && s->first == p->count)
		fatal("%s: %s: no match line", where, s->next.kind);
	for (; s->first < p->count; s->first++)
		p->list[s->first].end_count =
		    p->expression_count - s->next.first_end;
	s->next.first_end = p->expression_count;
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
take_line(struct set *s, const char *line)
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
		close_kind(s, s->where);
		s->next.severity = (enum severity)i;
		s->next.kind = rest;
		return;
	}
	if (is_word(line, "except", &rest)) {
		if (s->next.kind != NULL)
			fatal(
			    "%s: except comes before the first kind", s->where);
		s->next.except_count++;
		add_shared(s, rest);
		return;
	}
	bool is_match = is_word(line, "match", &rest);
	if (!is_match && !is_word(line, "end", &rest))
		fatal("%s: expected except, note, success, fatal, match or "
		      "end, and what it is",
		    s->where);
	if (s->next.kind == NULL)
		fatal("%s: expected note, success or fatal first", s->where);
	if (is_match)
		add_match(s, rest);
	else
		add_shared(s, rest);
}

static void
take_file(struct set *s, const char *path, char *text)
{
	size_t number = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		number++;
		line += strspn(line, " \t");
		if (line[0] == '\0' || line[0] == '#')
			continue;
		s->where = memory_format("%s: line %zu", path, number);
		take_line(s, line);
		free(s->where);
	}
	close_kind(s, path);
}

static char *
find(const char *name)
{
	if (strchr(name, '/') != NULL)
		return memory_got(strdup(name));
	char *in_share = memory_format("patterns/%s", name);
	char *path = memory_got(share_file(in_share));
	free(in_share);
	return path;
}

void
patterns_add_set(struct patterns *patterns, const char *name)
{
	const char *slash = strrchr(name, '/');
	struct set set = {.patterns = patterns,
	    .next = {.set = slash == NULL ? name : slash + 1,
		.first_end = patterns->expression_count,
		.first_except = patterns->expression_count},
	    .first = patterns->count};
	size_t len = 0, first = patterns->count;
	struct reason why;
	char *text = NULL;

	if (name[0] == '\0')
		fatal("@: a pattern set needs a name");
	char *path = find(name);
	fatal_if(input_read(path, FILE_BYTES, &text, &len, &why) < 0, &why);
	if (strlen(text) != len)
		fatal("%s: a NUL in it", path);
	take_file(&set, path, text);
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
