#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

enum { OPTIONS_BINDS = 32 };

struct options {
	/* -B: the directories without symbolic links, sorted so that each comes
	 * before those below it */
	char *binds[OPTIONS_BINDS];
	size_t bind_count;
	const char *driver;    /* -F: of the root's share */
	const char *directory; /* -d; NULL: $EMU_SCRATCH */
	const char *modules;   /* -K; NULL: the root's */
	char *root;            /* -R, without symbolic links */
	const char *document;  /* NULL: stdin */
	char *const *argv;     /* the command, ended by NULL */
};

/* Parses the command line and looks up the directories that it names. Ends the
 * program after a usage error, -h and -V, and when a directory is missing. */
void options_parse(struct options *options, int argc, char *argv[]);

#endif
