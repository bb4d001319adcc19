#ifndef JOB_H
#define JOB_H

#include "document.h"
#include "image.h"
#include "made.h"
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
};

/* One image on its way. */
struct job {
	const struct image *image; /* borrowed; NULL for minfs */
	json_t *entry;             /* borrowed: where path goes */
	const char *key;           /* the path's key in entry */
	const char *source;        /* as the document has it; borrowed */
	char *path;                /* the result, absolute; owned */
	enum how how;
	int in;                /* the source, or -1 */
	struct stat st;        /* of the source */
	struct made_file *out; /* borrowed; NULL when there is nothing to do */
	uint64_t size;         /* in bytes */
	_Atomic uint64_t written;
};

struct jobs {
	struct job *list;
	size_t count;
	int dir;         /* where images go */
	char *directory; /* its name, absolute; owned */
	struct images images;
};

/* Opens the directory and finds out what is to be made from what; looks at
 * every source, reads none. Returns 0, or -1 with the reason; jobs_free frees
 * either way. */
int jobs_plan(struct jobs *jobs, const struct document *document,
    const struct options *options, struct reason *why);

/* Makes the new files, clones and links: what takes no time. Then finds out
 * whether there is room for the rest. Returns 0, or -1 with the reason. */
int jobs_open(struct jobs *jobs, struct made *made, struct reason *why);

/* Writes the results into the document. Returns 0, or -1 with the reason. */
int jobs_record(const struct jobs *jobs, struct reason *why);

/* Prints how each image was made, on stderr. */
void jobs_report(const struct jobs *jobs);

void jobs_free(struct jobs *jobs);

#endif
