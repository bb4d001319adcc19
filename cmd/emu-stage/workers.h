#ifndef WORKERS_H
#define WORKERS_H

#include "progress.h"
#include "unpacker.h"

#include <pthread.h>

/* The threads that make the images. They are not waited for when one of them
 * has failed: what they use lasts until the end of the process. */
struct workers {
	struct staging *staging;
	struct unpacker *archive; /* of -x; NULL: none */
	struct progress progress;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t busy; /* threads at work */
	bool failed; /* then why is the first failure's reason */
	struct reason why;
};

/* Makes the images that are not there yet, side by side, each by a thread: a
 * few at a time, but for those that may have to wait for somebody else (a
 * FIFO). Returns 0 when all are made, or -1 with the reason
 * of the first failure ("" when a helper has said it). */
int workers_run(struct workers *workers, struct reason *why);

#endif
