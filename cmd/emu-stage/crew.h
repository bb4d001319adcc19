#ifndef CREW_H
#define CREW_H

#include "job.h"
#include "new_files.h"
#include "progress.h"
#include "reason.h"
#include "unpacker.h"

#include <pthread.h>

/* The threads that make the images. They are not waited for when one of them
 * has failed: what they use lasts until the end of the process. */
struct crew {
	struct jobs *jobs;
	struct new_files *files;
	struct unpacker *archive; /* of -x; NULL: none */
	uint64_t max;
	struct progress progress;
	atomic_size_t next; /* the range to copy */
	atomic_bool cancel; /* something failed: all stop */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t busy; /* threads at work */
	bool failed; /* then why is the first failure's reason */
	struct reason why;
};

/* Makes the images that are not there yet, side by side: as many threads as
 * there are processors copy ranges of files, and one thread waits for each run
 * of emu-unpack and qemu-img. Returns 0 when all are whole, or -1 with the
 * reason of the first failure ("" when a child has said it). */
int crew_run(struct crew *crew, struct reason *why);

#endif
