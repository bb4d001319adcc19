#ifndef WORDS_H
#define WORDS_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* An argument vector in the form of xargs -0 and /proc/PID/cmdline. */
struct words {
	char *bytes; /* owned; the words point into it */
	char **list; /* NULL-terminated; owned */
	size_t count;
};

/* Takes apart len bytes, each word ended by a NUL, which are then owned by
 * words (len + 1 are readable). Refused, naming the source: nothing at all, a
 * last word without its NUL (whoever wrote it did not finish), and a first word
 * that is empty. Returns 0, or -1 with the reason. */
int words_split(struct words *words, char *bytes, size_t len,
    const char *source, struct reason *why);

/* Reads the words from a file (NULL: stdin). Returns as words_split does. */
int words_read(struct words *words, const char *file, struct reason *why);

/* Tells whether the emulator is told to have a socket as that descriptor, below
 * 10: a word after -chardev with the option fd=3. */
bool words_want_socket(char *const *argv, int fd);

/* The word behind this one, its value, or NULL. */
const char *words_option(char *const *argv, const char *option);

#endif
