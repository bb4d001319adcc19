#ifndef SKIM_H
#define SKIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts the newlines in bytes, quickly. Returns false when there is something
 * among them that plain text is without, other than a \r before a newline and
 * time stamps: then they must be looked at one by one. The bytes must end with
 * a newline. */
bool skim_lines(const char *bytes, size_t len, uint64_t *newlines);

/* The number of newlines in any bytes. */
uint64_t skim_newlines(const char *bytes, size_t len);

#endif
