#ifndef PAGE_H
#define PAGE_H

#include "groups.h"

#include <stdio.h>

/* Prints a page of HTML that needs nothing beside itself: no script, no other
 * file. Links lead to a record, and to the log and the recording beside it, by
 * the paths of the operands. Write errors are left in the stream. */
void page_print(const struct groups *groups, FILE *out);

#endif
