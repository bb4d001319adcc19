#ifndef MACHINE_WORDS_H
#define MACHINE_WORDS_H

#include <jansson.h>

/* Two machines are taken for the same when their words and their files are. The
 * functions end the program when they fail. */

/* In words and paths, what stands for the directory of that variable, which
 * another run has elsewhere. */
#define MACHINE_WORDS_SCRATCH "$EMU_SCRATCH"

enum { MACHINE_WORDS_CONTENT = 17 };

/* Returns a new object with the `words`, an array, and the `files`, an object
 * of paths and contents: the regular files that the words name, as a word or as
 * a value in one ("file=a,,b.img,format=raw"). Relative paths are meant from
 * the directory (NULL: ours). */
json_t *machine_words(char *const *argv, const char *directory);

/* Compares what was saved at `path` with what is now. The message names the
 * first difference. */
void machine_words_compare(const char *path, json_t *saved, json_t *now);

/* Returns the path of one of the files where it is now, which the caller frees.
 */
char *machine_words_path(const char *file);

/* Stores what tells the content of a file from others: 16 digits made of its
 * data and their places, holes being zeros. They tell mistakes, not malice. */
void machine_words_content(
    const char *path, char content[MACHINE_WORDS_CONTENT]);

#endif
