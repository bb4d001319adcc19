#ifndef MAKING_H
#define MAKING_H

#include "progress.h"
#include "unpacker.h"

#include <pthread.h>

/* The threads that make the images. A failure of one ends the program. */
struct making {
	struct staging *staging;
	struct unpacker *archive; /* of -x; NULL: none */
	struct progress progress;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t busy; /* threads at work */
};

/* Opens the new files, and makes the clones and links, which take no time. Then
 * checks that there is room for the copies. */
void making_prepare(struct staging *staging);

/* Makes the images that are not there yet, each in a thread: a few at a time,
 * but all at once that may have to wait for somebody else (a FIFO). */
void making_run(struct making *making);

/* Makes overlays on the entries that the cache holds now, in place of the
 * images that were extracted. */
void making_overlays(struct staging *staging);

#endif
