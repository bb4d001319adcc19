#ifndef READER_H
#define READER_H

#include "machine.h"
#include "vocabulary.h"

/* Reads an object of this kind into the kind's struct. `place` is where the
 * object is ("drives[0]"; "": the document itself). An object that is NULL
 * reads as an empty one. An error ends the program, with a line that names the
 * place. */
void reader_object(struct machine *machine, const struct object_kind *kind,
    const char *place, json_t *object, void *into);

/* Sets the file's path and place from its image. */
void reader_file(struct machine *machine, struct image_file *file);

#endif
