#ifndef PATTERN_H
#define PATTERN_H

#include "reason.h"
#include "regex.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Adds the expression of a -s or -f option; text must live as long as
 * *patterns. Returns 0, or -1 with the reason. */
int patterns_add(struct patterns *patterns, const char *text,
    enum severity severity, struct reason *why);

/* Adds the patterns of a set (see emu-watch(1) for the format); name must live
 * as long as *patterns. A name with a slash is a file; any other is a file in
 * share/patterns (see share_file.h). Returns 0, or -1 with the reason. */
int patterns_add_set(
    struct patterns *patterns, const char *name, struct reason *why);

void patterns_free(struct patterns *patterns);

#endif
