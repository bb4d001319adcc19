#ifndef PENDING_H
#define PENDING_H

#include "reason.h"

#include <limits.h>
#include <stdbool.h>

/* A file that nobody can see yet: without a name where the file system can do
 * that, so that nothing remains of it whatever happens; else with a temporary
 * one. */
struct pending {
	int directory; /* borrowed */
	int fd;        /* for reading and writing, mode 0600 */
	bool named;    /* it has its temporary name */
	char temporary[NAME_MAX + 1];
};

/* Makes one in an open directory. `temporary` is the name that it has for a
 * moment; a file of that name, left over from a power cut, is removed. Returns
 * 0, or -1 with errno set. */
int pending_open(struct pending *pending, int directory, const char *temporary);

/* Gives the file its name; where another one has it, this fails with EEXIST.
 * Returns 0, or -1 with errno set. */
int pending_create(struct pending *pending, const char *name);

/* Gives the file its name in place of the one that has it, atomically. Returns
 * 0, or -1 with errno set. */
int pending_replace(struct pending *pending, const char *name);

/* Closes the file; unless it has been given its name, nothing is left of it. */
void pending_close(struct pending *pending);

#endif
