#ifndef PATTERN_H
#define PATTERN_H

#include "reason.h"
#include "regex.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_NOTE, SEVERITY_SUCCESS, SEVERITY_FATAL };

/* Something to look for. */
struct pattern {
	char *set;  /* where it is from: "linux"; NULL: the command line */
	char *kind; /* "panic"; with no set the expression itself */
	enum severity severity;
	char *text; /* the expression */
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

/* Adds the expression of a -s or -f option. Returns 0, or -1 with the reason.
 */
int patterns_add(struct patterns *patterns, const char *text,
    enum severity severity, struct reason *why);

/* Adds a set, in the format of emu-watch(1): of a name with a slash that file,
 * of any other the one in patterns/ of what is shipped (see share_file.h).
 * Returns 0, or -1 with the reason. */
int patterns_add_set(
    struct patterns *patterns, const char *name, struct reason *why);

void patterns_free(struct patterns *patterns);

#endif
