#ifndef REQUEST_H
#define REQUEST_H

#include "members.h"
#include "reason.h"

/* Takes the operand "member=name", split at the last "=", or "member". Returns
 * 0, or -1 with the reason. */
int request_operand(
    const char *operand, struct members *members, struct reason *why);

/* Reads pairs of NUL-terminated words from fd to its end: a member and its
 * name. Returns 0, or -1 with the reason. */
int request_read(int fd, struct members *members, struct reason *why);

#endif
