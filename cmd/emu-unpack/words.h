#ifndef WORDS_H
#define WORDS_H

#include "members.h"
#include "reason.h"

/* Reads pairs of NUL-terminated words, a member and its name, from fd to its
 * end. Returns 0, or -1 with the reason. */
int words_read(int fd, struct members *members, struct reason *why);

/* Takes "member=name", split at the last "=", or "member". */
int words_operand(
    const char *operand, struct members *members, struct reason *why);

#endif
