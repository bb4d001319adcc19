#ifndef JOB_H
#define JOB_H

#include "document.h"
#include "image.h"
#include "new_files.h"
#include "options.h"
#include "reason.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* How an image is made. */
enum how {
	HOW_COPIED,
	HOW_CLONED,
	HOW_LINKED,
	HOW_STREAMED, /* by emu-unpack: a FIFO, or to have its SHA-256 */
	HOW_EXTRACTED,
	HOW_DECOMPRESSED,
	HOW_OVERLAID, /* a qcow2 file on top of the source */
	HOW_CONVERTED,
	HOWS,
};

enum { DIGEST_TEXT = 65 }; /* SHA-256 in hexadecimal, and a NUL */

/* One image on its way. */
struct job {
	const struct image *image; /* borrowed; NULL for minfs */
	json_t *entry;             /* borrowed: where path goes */
	const char *key;           /* the path's key in entry */
	const char *source;        /* as the document has it; NULL: what -x
				      names; borrowed */
	const char *member;        /* of the source, an archive; borrowed */
	const char *sha256;        /* wanted, or NULL; borrowed */
	const char *format;        /* qcow2, raw ...; NULL: raw; borrowed */
	int64_t want_size;         /* -1: any */
	bool overlay;              /* -o: the guest is to write to an overlay */
	char *cached;              /* the cache's entry; NULL: none; owned */
	char *base;                /* what the overlay is on; NULL: source;
				      owned */
	uint64_t sum;              /* of the entry's bytes, as it says */
	_Atomic uint64_t seen;     /* of those copied */
	char *path;                /* the result, absolute; owned */
	enum how how;
	int in;               /* the source, or -1 */
	bool is_file;         /* the source is a file with a size */
	struct stat st;       /* of the source */
	struct new_file *out; /* borrowed; NULL when there is nothing to do */
	uint64_t size;        /* in bytes */
	_Atomic uint64_t written;
	bool reported;            /* emu-unpack has said how it went */
	char digest[DIGEST_TEXT]; /* when it was computed, else "" */
};

struct jobs {
	struct job *list;
	size_t count;
	int dir;         /* where images go */
	char *directory; /* its name, absolute; owned */
	struct images images;
};

/* Makes the new files, clones and links: what takes no time. Then finds out
 * whether there is room for the rest. Returns 0, or -1 with the reason. */
int jobs_open(struct jobs *jobs, struct new_files *files, struct reason *why);

/* Gives the overlay of a job its base: the cache's entry under a name beside
 * it, so that whoever removes the entry does not take it from the guest.
 * Returns 1; 0 when the entry is no longer there; or -1 with the reason. */
int job_link_base(const struct jobs *jobs, struct job *job,
    struct new_files *files, struct reason *why);

/* Checks sizes and digests against what the document says. Returns 0, or -1
 * with the reason. */
int job_check(const struct job *job, uint64_t max, struct reason *why);

/* Writes the results into the document. Returns 0, or -1 with the reason. */
int jobs_record(const struct jobs *jobs, struct reason *why);

/* Prints how each image was made, on stderr. */
void jobs_report(const struct jobs *jobs);

void jobs_free(struct jobs *jobs);

#endif
