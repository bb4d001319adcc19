#ifndef PATTERN_H
#define PATTERN_H

#include "reason.h"
#include "regex.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_NOTE, SEVERITY_SUCCESS, SEVERITY_FATAL };

/* Something to look for. Its texts are the command line's, or in a file's. */
struct pattern {
	const char *set;  /* where it is from: "linux"; NULL: an option */
	const char *kind; /* "panic"; with no set the expression itself */
	const char *text; /* the expression */
	enum severity severity;
	char *file; /* owned: what was read, if it is the first of a set */
	struct regex *regex;
	/* Among the expressions of patterns: those that end its report, and
	 * those behind which a line has no match. */
	size_t first_end, end_count;
	size_t first_except, except_count;
};

struct patterns {
	struct pattern *list;
	size_t count;
	struct regex **expressions; /* which patterns share */
	size_t expression_count;
	struct regex_memory *memory; /* of all of them */
};

/* Adds the expression of a -s or -f option, which is borrowed. Returns 0, or -1
 * with the reason. */
int patterns_add(struct patterns *patterns, const char *text,
    enum severity severity, struct reason *why);

/* Adds a set, whose name is borrowed, in the format of emu-watch(1): of a name
 * with a slash that file, of any other the one in patterns/ of what is shipped
 * (see share_file.h). Returns 0, or -1 with the reason. */
int patterns_add_set(
    struct patterns *patterns, const char *name, struct reason *why);

void patterns_free(struct patterns *patterns);

#endif
