#ifndef WORKERS_H
#define WORKERS_H

#include "progress.h"
#include "unpacker.h"

#include <pthread.h>

/* The threads that make the images. A failure of one ends the program. */
struct workers {
	struct staging *staging;
	struct unpacker *archive; /* of -x; NULL: none */
	struct progress progress;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t busy; /* threads at work */
};

/* Makes the images that are not there yet, side by side, each by a thread: a
 * few at a time, but for those that may have to wait for somebody else (a
 * FIFO). */
void workers_run(struct workers *workers);

#endif
