#ifndef UNPACK_H
#define UNPACK_H

#include "members.h"
#include "options.h"
#include "reader.h"

/* One run. */
struct unpack {
	const struct options *options;
	struct new_files *files;
	int dir;               /* where files go */
	const char *directory; /* its absolute path */
	int fd;                /* the archive */
	struct reader reader;  /* of it; with -z, its stream alone */
	struct members members;
	bool rewindable;        /* the archive is a file */
	bool waiting;           /* the manifest has not come */
	bool ignored;           /* something behind the archive was */
	size_t own;             /* members that have a file of their own */
	struct new_file *spool; /* the others that are kept, one after another;
				   NULL: there are none */
	uint64_t spool_end;
};

/* Takes what is wanted out of the archive, in one pass where it can: with -m
 * prints the manifest when it comes, or null at the end; with -w reads what
 * else is wanted from descriptor 3. The files have their names then. */
void unpack_archive(struct unpack *unpack);

/* Prints a line for each file. */
void unpack_report(const struct unpack *unpack);

#endif
