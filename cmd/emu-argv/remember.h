#ifndef REMEMBER_H
#define REMEMBER_H

/* Answers that programs gave before, each to a question of one line. They are
 * kept in $XDG_CACHE_HOME/emu, or else in ~/.cache/emu, and are valid until the
 * program's path, inode, size or times change. A program without a slash in its
 * name is looked up in PATH. */

/* Returns the answer, which the caller frees, or NULL when none is kept. */
char *remember_get(const char *program, const char *question);

/* Keeps an answer. It is no error when it cannot be kept: the question is asked
 * again next time. */
void remember_put(
    const char *program, const char *question, const char *answer);

#endif
