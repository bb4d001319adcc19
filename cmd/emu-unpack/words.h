#ifndef WORDS_H
#define WORDS_H

#include "members.h"
#include "reason.h"

/* Reads triples of NUL-terminated words from fd to its end: a member, its name,
 * and "s" to have its SHA-256, else "". Returns 0, or -1 with the reason. */
int words_read(int fd, struct members *members, struct reason *why);

/* Takes "member=name", split at the last "=", or "member". */
int words_operand(const char *operand, bool digest, struct members *members,
    struct reason *why);

#endif
