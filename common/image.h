#ifndef IMAGE_H
#define IMAGE_H

#include "document.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* An entry of the document's "images" that the machine uses. */
struct image {
	json_t *entry;    /* borrowed from the document */
	size_t index;     /* in "images", for messages: images[3] */
	char *id;         /* type_name, e.g. kernel_qemu-kernel; owned */
	const char *type; /* borrowed from the entry */
	const char *path; /* borrowed; NULL when absent or "" */
	bool staged;      /* made by emu-stage: a private copy */
};

struct images {
	struct image *list; /* in the document's order */
	size_t count;
};

/* Collects the images that the document's guest uses: guest "fuchsia" (or none
 * named) uses kernel_qemu-kernel, zbi_zircon-a, blk_storage-full and what the
 * document's keys name, others every entry; entries for another `cpu` than the
 * target are skipped, and what is not used is not looked at. Refused are wrong
 * types, names that could not be file names, and a used name that comes twice.
 * Returns 0, or -1 with the reason; images_free frees either way. */
int images_collect(
    const struct document *document, struct images *images, struct reason *why);
void images_free(struct images *images);

/* The image called id, or NULL. */
struct image *images_find(const struct images *images, const char *id);

/* Adds the entries of a manifest (images.json) to the document's images, their
 * paths made absolute from the manifest's directory. Returns 0, or -1 with the
 * reason. */
int images_add_manifest(
    struct document *document, const char *file, struct reason *why);

/* The same for the manifest of that file when it has been parsed. */
int images_add_parsed(struct document *document, json_t *entries,
    const char *file, struct reason *why);

/* The same for one that has been parsed and that messages call name:
 * paths are joined to directory, or left as they are when that is NULL. */
int images_add_entries(struct document *document, json_t *entries,
    const char *name, const char *directory, struct reason *why);

#endif
