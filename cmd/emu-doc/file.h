#ifndef FILE_H
#define FILE_H

#include "kind.h"
#include "reason.h"

#include <stdbool.h>

/* An operand and what it is. */
struct file {
	const char *name; /* as the user gave it; "-": a document on stdin */
	struct kind kind;
	bool *rests_on; /* a disk: which of the files it does; owned */
};

/* Looks at the file. Returns 0, or -1 with the reason why no machine has a use
 * for it. */
int file_look(struct file *file, const char *name, struct reason *why);

#endif
