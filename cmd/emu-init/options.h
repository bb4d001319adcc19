#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

enum { OPTIONS_BINDS = 32 };

struct options {
	const char *binds[OPTIONS_BINDS]; /* -B */
	size_t bind_count;
	const char *driver;    /* -F: of the root's share */
	const char *directory; /* -d; NULL: $EMU_SCRATCH */
	const char *modules;   /* -K; NULL: the root's */
	const char *root;      /* -R */
	const char *document;  /* NULL: stdin */
	char *const *argv;     /* the command, ended by NULL */
};

#endif
