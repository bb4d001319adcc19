#ifndef UNPACK_H
#define UNPACK_H

#include "members.h"
#include "reader.h"

/* The command line. */
struct options {
	const char *directory; /* -d, else $EMU_SCRATCH */
	const char *source;    /* a file; "-" for stdin */
	const char *name;      /* -n: what messages call it */
	char **operands;       /* those behind the source */
	size_t count;
	uint64_t max;    /* -M: the largest file to be made */
	bool manifest;   /* -m */
	bool words;      /* -w */
	bool decompress; /* -z */
};

/* One run. */
struct unpack {
	const struct options *options;
	struct new_files *files;
	int dir;               /* where files go */
	const char *directory; /* its absolute path */
	int fd;                /* the archive */
	off_t start;           /* in it; -1: there is no going back to it */
	struct reader reader;  /* of it; with -z, its stream alone */
	struct members members;
	bool waiting;           /* the manifest is yet to come */
	bool ignored;           /* bytes behind the archive were ignored */
	size_t own;             /* members that have a file of their own */
	struct new_file *spool; /* the others that are kept, one after another;
				   NULL: there are none */
	uint64_t spool_end;
};

/* Extracts the wanted members and gives the files their names. With -m, prints
 * the manifest when it comes, or null at the end of the archive. With -w, reads
 * further members from descriptor 3. The archive is read once, or twice if it
 * is a file and a link leads to a member that was skipped. A fault ends the
 * program. */
void unpack_archive(struct unpack *unpack);

/* Prints a line of JSON on stdout for each file. */
void unpack_report(const struct unpack *unpack);

#endif
