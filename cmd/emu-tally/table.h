#ifndef TABLE_H
#define TABLE_H

#include "groups.h"

#include <stdio.h>

/* Prints a line for each group: how many ended so, their share, and the least,
 * median and longest time. Write errors are left in the stream. */
void table_print(const struct groups *groups, FILE *out);

#endif
