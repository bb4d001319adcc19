#ifndef FILE_H
#define FILE_H

#include "kind.h"

#include <jansson.h>
#include <stdbool.h>

/* An operand, and what kind of file it is. */
struct file {
	const char *name; /* as the user gave it; "-": a document on stdin */
	struct kind kind;
	json_t *backing; /* a disk: the paths of its backing files, the only
			    one, or NULL; owned */
	json_t *json;    /* KIND_JSON: its value; owned */
	char *found; /* its path, if that is not the name: in a directory that
			is one, or of a disk with backing files; owned */
};

/* Finds out what kind of file it is. "-" and a pipe can be read only once, so
 * they must be JSON. A file that cannot be read ends the program. */
void file_look(
    struct file *file, const char *name, const struct targets *targets);

/* Returns whether no machine can use the file. */
bool file_is_useless(const struct file *file);

/* Ends the program with the reason why no machine can use the file. */
_Noreturn void file_refuse(const struct file *file);

void file_free(struct file *file);

#endif
