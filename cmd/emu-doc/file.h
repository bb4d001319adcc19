#ifndef FILE_H
#define FILE_H

#include "kind.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>

/* An operand and what it is. */
struct file {
	const char *name; /* as the user gave it; "-": a document on stdin */
	struct kind kind;
	bool *rests_on; /* a disk: which of the files it does; owned */
	json_t *json;   /* KIND_JSON: what it holds; owned */
	bool useless;   /* no machine has a use for it: why is in refusal */
	struct reason refusal;
	char *found; /* the name, of a file in the directory given; owned */
};

/* Looks at the file. What can be read but once, "-" or a pipe, has to be JSON.
 * What cannot be read ends the program. */
void file_look(
    struct file *file, const char *name, const struct targets *targets);

void file_free(struct file *file);

#endif
