#ifndef REQUEST_H
#define REQUEST_H

#include "members.h"
#include "reason.h"

/* Takes the operand "member=name", split at the last "=", or "member". Returns
 * 0, or -1 with the reason. */
int request_operand(const char *operand, bool digest, struct members *members,
    struct reason *why);

/* Reads triples of NUL-terminated words from fd to its end: a member, its name,
 * and "s" to have its SHA-256, else "". Returns 0, or -1 with the reason. */
int request_read(int fd, struct members *members, struct reason *why);

#endif
