#ifndef IMAGE_H
#define IMAGE_H

#include "document.h"
#include "field.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Collects the images that the document's guest uses. A guest "fuchsia", the
 * default, uses kernel_qemu-kernel, zbi_zircon-a, blk_storage-full and the
 * images that keys of the document name; the other guests use every entry.
 * Entries with another `cpu` than the target are skipped. Unused entries are
 * not checked. In used ones, these are errors: a wrong type, a name that is not
 * a valid file name, and a name that occurs twice. Returns 0, or -1 with the
 * reason; call images_free either way. */
int images_collect(
    const struct document *document, struct images *images, struct reason *why);
void images_free(struct images *images);

/* Returns the image called id, or NULL. */
struct image *images_find(const struct images *images, const char *id);

/* Adds the entries of a manifest (images.json) to the document's images, with
 * paths made absolute from the manifest's directory. Returns 0, or -1 with the
 * reason. */
int images_add_manifest(
    struct document *document, const char *file, struct reason *why);

/* The same for a manifest that was parsed from that file. */
int images_add_parsed(struct document *document, json_t *entries,
    const char *file, struct reason *why);

/* The same for a parsed manifest that messages call name. Paths are joined to
 * directory, or left unchanged when directory is NULL. */
int images_add_entries(struct document *document, json_t *entries,
    const char *name, const char *directory, struct reason *why);

/* The digest and the size that an entry of "images" states for its file. */
struct image_claim {
	const char *sha256; /* in hexadecimal, borrowed; NULL: not stated */
	int64_t size;       /* bytes; -1: not stated */
};

/* Reads `sha256` and `size` of an entry. A failure is kept in *entry. */
void image_claim_read(struct image_claim *claim, struct fields *entry);

/* Compares a file's size and SHA-256 ("": not known, not compared) with the
 * claim. Messages call the file name. Returns 0 when they agree, or -1 with the
 * reason. */
int image_claim_check(const struct image_claim *claim, const char *name,
    uint64_t size, const char *digest, struct reason *why);

#endif
