#ifndef REMEMBER_H
#define REMEMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { REMEMBER_ROOM = 1024 };

/* Answers of programs, each to a question of one line. They are kept in
 * $XDG_CACHE_HOME/emu, else ~/.cache/emu, and hold until the program's path,
 * inode, size or times change; it is looked up in PATH when its name has no
 * slash. */

/* Copies the answer, cut to size. Returns false when there is none. */
bool remember_get(
    const char *program, const char *question, char *answer, size_t size);

/* Keeps a short answer; where it cannot, the question is asked again. */
void remember_put(
    const char *program, const char *question, const char *answer);

#endif
