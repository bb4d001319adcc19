#ifndef MACHINE_WORDS_H
#define MACHINE_WORDS_H

#include "reason.h"

#include <jansson.h>

/* In words and paths, what stands for the directory of that variable, which
 * another run has elsewhere. */
#define MACHINE_WORDS_SCRATCH "$EMU_SCRATCH"

enum { MACHINE_WORDS_CONTENT = 17 };

/* By what two machines are known to be the same: an object with the `words`, an
 * array, and the `files`, regular ones, that they name: as a word, or as a
 * value in one ("file=a,,b.img,format=raw"): an object of paths and contents.
 * Relative paths are meant from the directory (NULL: ours). Returns a new one,
 * or NULL with the reason. */
json_t *machine_words(
    char *const *argv, const char *directory, struct reason *why);

/* Compares what was saved at `path` with what is now. Returns 0, or -1 with the
 * reason, which names the first difference. */
int machine_words_compare(
    const char *path, json_t *saved, json_t *now, struct reason *why);

/* Returns the path of one of the files where it is now, which the caller frees;
 * NULL when memory is short. */
char *machine_words_path(const char *file);

/* Stores what tells the content of a file from others: 16 digits made of its
 * data and their places, holes being zeros. They tell mistakes, not malice.
 * Returns 0, or -1 with the reason. */
int machine_words_content(
    const char *path, char content[MACHINE_WORDS_CONTENT], struct reason *why);

#endif
