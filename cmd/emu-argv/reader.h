#ifndef READER_H
#define READER_H

#include "machine.h"
#include "vocabulary.h"

/* Reads an object of the kind, which is at the place ("drives[0]"; "": the
 * document), into the kind's struct; NULL reads as an empty one. What is wrong
 * with it ends the program, with a line that names the place. */
void reader_object(struct machine *machine, const struct kind *kind,
    const char *place, json_t *object, void *into);

/* Sets the path of the file, whose image is there. */
void reader_file(struct machine *machine, struct file *file);

#endif
