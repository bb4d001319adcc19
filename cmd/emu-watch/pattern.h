#ifndef PATTERN_H
#define PATTERN_H

#include "literal.h"
#include "reason.h"
#include "regex.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_NOTE, SEVERITY_SUCCESS, SEVERITY_FATAL };

/* Something to look for. */
struct pattern {
	char *set;  /* where it is from: "linux"; NULL: the command line */
	char *kind; /* "panic"; with no set the expression itself; owned */
	enum severity severity;
	char *text; /* the expression; owned */
	struct regex *regex;
	struct literal literals[LITERAL_COUNT];
	size_t literal_count; /* 0: every byte has to be looked at */
	struct regex **ends;  /* any of them ends the report; owned by the */
	size_t end_count;     /* first pattern of the kind */
	bool owns_ends;

	/* Where the search is, offsets in the text. */
	uint64_t from;    /* nothing before is looked at again */
	uint64_t due;     /* a match may be under way up to here */
	uint64_t hit;     /* first literal in the new text, or UINT64_MAX */
	bool skip_line;   /* it matched: not again in this line */
	uint64_t matches; /* how often */
};

struct patterns {
	struct pattern *list;
	size_t count;
	size_t capacity;
};

/* Adds the expression of a -s or -f option. Returns 0, or -1 with the reason.
 */
int patterns_add(struct patterns *patterns, const char *text,
    enum severity severity, struct reason *why);

/* Adds a set: "name" from the shipped ones, anything with a slash from that
 * file (emu-watch(1) has the format). Returns 0, or -1 with the reason. */
int patterns_add_set(
    struct patterns *patterns, const char *name, struct reason *why);

void patterns_free(struct patterns *patterns);

#endif
