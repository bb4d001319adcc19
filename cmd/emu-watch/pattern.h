#ifndef PATTERN_H
#define PATTERN_H

#include "regex.h"

#include <stddef.h>

enum severity { SEVERITY_NOTE, SEVERITY_SUCCESS, SEVERITY_FATAL };

/* An expression to search for. The strings belong to the command line or to a
 * set's file. */
struct pattern {
	const char *set; /* the set that it is from: "linux"; NULL: an option */
	const char *kind; /* "panic"; of an option the expression itself */
	const char *text; /* the expression */
	enum severity severity;
	char *file; /* content of the set's file, in its first pattern; owned */
	struct regex *regex;
	/* Ranges in patterns.expressions: those that end the report, and those
	 * that, when a line matches them, except the line. */
	size_t first_end, end_count;
	size_t first_except, except_count;
};

struct patterns {
	struct pattern *list;
	size_t count;
	struct regex **expressions; /* expressions that patterns share */
	size_t expression_count;
	struct regex_memory *memory; /* used by all of them */
};

/* Adds the expression of an option, -s (success) or -f (failure); text must
 * live as long as *patterns. What is no expression ends the process with a
 * message. */
void patterns_add(struct patterns *patterns, char option, const char *text);

/* Adds the patterns of a set (see emu-watch(1) for the format); name must live
 * as long as *patterns. A name with a slash is a file; any other is a file in
 * share/patterns (see share_file.h). What is no set ends the process with a
 * message. */
void patterns_add_set(struct patterns *patterns, const char *name);

void patterns_free(struct patterns *patterns);

#endif
