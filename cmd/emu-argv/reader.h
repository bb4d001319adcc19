#ifndef READER_H
#define READER_H

#include "machine.h"
#include "reason.h"
#include "vocabulary.h"

#include <jansson.h>

/* Fills the vocabulary's structs from a document. */
struct reader {
	const struct document *document;
	const struct images *images;
	struct arena *arena; /* owns what is made */
	const int *guest;    /* of enum guest: what keys are needed */
	struct reason *why;
};

/* Reads an object of the kind, which is at the place ("drives[0]"; "": the
 * document), into the kind's struct; NULL reads as an empty one. Returns 0, or
 * -1 with the reason, which names the place. */
int reader_object(const struct reader *reader, const struct kind *kind,
    const char *place, json_t *object, void *into);

/* Sets the path of the file, whose image is there. Returns 0, or -1 with the
 * reason. */
int reader_file(const struct reader *reader, struct file *file);

#endif
