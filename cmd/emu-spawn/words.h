#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* An argument vector as bytes has the form of xargs -0 and /proc/PID/cmdline:
 * each word is ended by a NUL. */

/* Takes apart len bytes, which the words point into and which have room for one
 * more. Returns a list of the words, ended by NULL, which the caller frees.
 * Ends the program, and names the source, when there is no byte, when the last
 * word lacks its NUL (its writer did not finish), and when the first word is
 * empty. */
char **words_split(char *bytes, size_t len, const char *source);

/* Reads the words from a file (NULL: stdin), and does the same. */
char **words_read(const char *file);

/* Tells whether the emulator is told to have a socket as that descriptor, below
 * 10: a word after -chardev with the option fd=3. */
bool words_want_socket(char *const *argv, int fd);

/* Returns the word behind the option, which is its value; NULL when there is
 * none. */
const char *words_option(char *const *argv, const char *option);

#endif
