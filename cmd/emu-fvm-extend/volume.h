#ifndef VOLUME_H
#define VOLUME_H

#include "fvm.h"
#include "magic.h"

/* What reading one copy of the metadata showed. */
struct volume_copy {
	bool found; /* the header could be read */
	bool valid;
	bool unread;              /* reading it failed */
	uint64_t at;              /* where it is, bytes */
	struct fvm_header header; /* when found */
	struct reason why;        /* when not valid */
	uint8_t *bytes;           /* all of it, when valid; owned */
};

/* An FVM as it is in a file. */
struct volume {
	struct volume_copy copies[2];
	unsigned active;          /* which of the two is used */
	uint8_t *metadata;        /* the active copy, whole */
	struct geometry geometry; /* of the active copy */
	uint64_t allocated;       /* slices in use */
	uint64_t last;            /* the highest slice in use, 0 for none */
};

enum volume_state {
	VOLUME_SOUND,
	VOLUME_BROKEN, /* an FVM that cannot be used or read */
	VOLUME_OTHER,  /* something else */
};

/* Reads the FVM in a file of `size` bytes. If copy A does not tell where copy B
 * is, B is searched for. Memory is bounded by the file's size and by
 * FVM_TABLE_MOST, whatever the headers claim. Unless the volume is sound, *why
 * tells what the file is, without its name. *kind is the kind of a file that is
 * not an FVM, or NULL. The caller calls volume_free in every case. */
enum volume_state volume_read(int fd, uint64_t size, struct volume *volume,
    const struct magic **kind, struct reason *why);

/* Frees the memory of *volume. */
void volume_free(struct volume *volume);

/* Returns the offset where the last allocated slice ends, or where the metadata
 * ends if no slice is allocated. */
uint64_t volume_end(const struct volume *volume);

#endif
