#ifndef NAMED_FILES_H
#define NAMED_FILES_H

#include "reason.h"

#include <jansson.h>
#include <stdbool.h>

/* Copies of text in which the path of $EMU_SCRATCH stands for that name, and
 * the other way round: two runs have different ones. Both return NULL when
 * memory is short; the caller frees them. */
char *named_files_hide(const char *text);
char *named_files_show(const char *text);

/* The regular files that a command line names: as a word of it, or as a value
 * in one ("file=a,,b.img,format=raw"). Relative paths are meant from the
 * directory (NULL: ours). Returns a new array of objects with `path` (as
 * named_files_hide has it), `size` and `content`, or NULL with the reason. */
json_t *named_files(
    char *const *argv, const char *directory, struct reason *why);

/* Stores what tells the content of a file from others: 16 digits made of its
 * data and their places, holes being zeros. They tell mistakes, not malice.
 * Returns 0, or -1 with the reason. */
int named_files_content(const char *path, char content[17], struct reason *why);

#endif
