#ifndef PATTERN_FILE_H
#define PATTERN_FILE_H

#include "reason.h"

#include <stddef.h>

/* The words that lines of a pattern file start with. */
enum pattern_word {
	PATTERN_NOTE,    /* note KIND */
	PATTERN_SUCCESS, /* success KIND */
	PATTERN_FATAL,   /* fatal KIND */
	PATTERN_MATCH,   /* match REGEX */
	PATTERN_END,     /* end REGEX */
};

struct pattern_line {
	enum pattern_word word;
	const char *rest; /* behind the word and blanks; borrowed */
};

struct pattern_file {
	char *text; /* cut into lines as they are read */
	char *next;
	char *path;
	char *set; /* what messages call it: its name without directory */
	size_t number;
};

/* Reads a pattern file: one with a slash in its name from there, any other from
 * where the shipped ones are: $EMU_SHARE, the share/emu or share beside the
 * directory of the running program, or where it was installed. Returns 0, or -1
 * with the reason; pattern_file_close frees either way. */
int pattern_file_open(
    struct pattern_file *file, const char *name, struct reason *why);
void pattern_file_close(struct pattern_file *file);

/* The next line that is neither empty nor a comment. Returns 1, 0 at the end,
 * or -1 with the reason. */
int pattern_file_next(
    struct pattern_file *file, struct pattern_line *line, struct reason *why);

#endif
