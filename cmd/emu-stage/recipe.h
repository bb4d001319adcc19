#ifndef RECIPE_H
#define RECIPE_H

#include "../new_files.h"
#include "digest.h"
#include "document.h"
#include "image.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* How an image is made. */
enum how {
	HOW_COPY,
	HOW_LINK,
	HOW_STREAM, /* a FIFO, copied */
	HOW_EXTRACT,
	HOW_DECOMPRESS,
	HOW_OVERLAY, /* a qcow2 file on top of the source */
	HOW_CONVERT,
	HOW_UNSPARSE, /* an Android sparse image */
	HOW_KEEP,     /* a minfs that has one name */
};

/* One image: what it is made from and how, all of it const once planning is
 * over, and then what came of it. */
struct recipe {
	const struct image *image; /* borrowed; NULL for minfs */
	json_t *entry;             /* borrowed: where path goes */
	char *path;                /* of the result, absolute; owned */
	const char *source;        /* as the document has it, or the cache's
				      entry; NULL: what -x names; borrowed */
	const char *member;        /* that is extracted from the source, an
				      archive; NULL: none; borrowed */
	const char *convert;       /* "raw": it is converted; or NULL */
	bool decompress;
	bool in_archive; /* the path is a member's of -x's archive */
	struct image_claim claim;
	const char *format;    /* qcow2, raw ...; NULL: raw; borrowed */
	const json_t *backing; /* the file that it may rest on, or an array
				  of them; NULL: none; borrowed */
	bool is_written; /* the document gives it to the guest as a disk */
	enum how how;
	bool is_file;     /* the source is a regular file or a disk */
	const char *file; /* that is read: the source or the archive of -x;
			     NULL: stdin; borrowed */
	struct stat st;   /* of that */
	char cache_key[DIGEST_TEXT]; /* what the cache knows it by; "": it is
					not kept */
	char *cached;                /* the entry that is the source; owned */
	bool is_extended;            /* a ZBI that gets more items */
	bool overlay_later; /* -o: on the entry that the cache will have */

	struct new_file *out; /* borrowed; NULL with HOW_KEEP */
	bool is_there;        /* it has been cloned: nothing is left to do */
	bool is_read; /* in order, for this one and those of the same archive */
	const char *done; /* how it was made in the end, for -v */
	uint64_t size;    /* in bytes: of the source, then of the result */
	_Atomic uint64_t written;
	_Atomic int reading; /* the source, while it is read; or -1 */
	_Atomic bool finished;
	bool reported;            /* emu-unpack has said how it went */
	char digest[DIGEST_TEXT]; /* when it was computed, else "" */
};

/* All that one run makes. Threads may use it until the end of the process. */
struct staging {
	struct recipe *list;
	size_t count;
	int dir;                /* where images go */
	char *directory;        /* its name, absolute; owned */
	uint64_t max;           /* -M */
	bool extends_zbi;       /* the document has items for the ZBI */
	struct stat archive;    /* of -x, as it was when it was opened */
	struct images images;   /* that the recipes borrow from */
	struct new_files files; /* on their way to dir */
	_Atomic uint64_t done;  /* bytes of files copied */
};

/* Reads and checks the keys of recipe->entry that tell how the image is made.
 * This function and those below end the program when something is wrong. */
void recipe_read(struct recipe *recipe, const struct document *document);

/* Looks at recipe->file, and stores its st, is_file and size (of a FIFO st
 * alone). It must be a regular file, a disk or a FIFO. */
void recipe_look(struct recipe *recipe);

/* Opens recipe->file for reading. A FIFO is opened only once, and this waits
 * for its writer. Returns a descriptor, which the caller closes. Fails if it is
 * another file than recipe_look has seen. */
int recipe_open_source(const struct recipe *recipe);

/* Fails if recipe->file is no longer as recipe_look has seen it: the copy of a
 * file that is written to meanwhile is an image that never was. */
void recipe_check_source(const struct recipe *recipe);

/* Whether the cache can know what the image is made from. A change time without
 * a fraction of a second (ISO 9660, squashfs, vfat, old ext) is that of another
 * file too, or does not tell two changes apart. */
bool recipe_is_known(const struct recipe *recipe);

/* Whether emu-unpack has to take the image out of something. */
bool recipe_is_unpacked(const struct recipe *recipe);

/* Checks the image's size against `max` bytes (-M), and its size and digest
 * against the entry. */
void recipe_check(const struct recipe *recipe, uint64_t max);

/* Checks that the image, whose bytes are in the open file fd, leads QEMU to no
 * other files than those that "backing" names (backing_check). An image that is
 * used as raw leads to none. Returns whether it leads to one. */
bool recipe_references(const struct recipe *recipe, int fd);

/* Opens the new image, which may have no name yet, for reading and writing.
 * Returns a descriptor, which the caller closes. */
int recipe_open(const struct staging *staging, const struct recipe *recipe);

/* Computes the SHA-256 of the new image, if the entry or the cache needs it and
 * it is not known yet. */
void recipe_sum(const struct staging *staging, struct recipe *recipe);

#endif
