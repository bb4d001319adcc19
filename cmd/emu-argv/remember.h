#ifndef REMEMBER_H
#define REMEMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { REMEMBER_ROOM = 1024 };

/* What an answer about an emulator holds for: the program's path, inode, size
 * and times, and the question. Its memory is the user's cache directory
 * ($XDG_CACHE_HOME/emu, else ~/.cache/emu). */
struct remember {
	char key[REMEMBER_ROOM]; /* "": nothing can be remembered */
};

/* Makes the key for a program, looked up in PATH when its name has no slash. */
void remember_key(
    struct remember *remember, const char *program, const char *question);

/* Reads the answer into text. Returns false when there is none. */
bool remember_get(const struct remember *remember, char *text, size_t size);

/* Keeps a short answer; where it cannot, the question is asked again. */
void remember_put(const struct remember *remember, const char *answer);

#endif
