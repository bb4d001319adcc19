#ifndef WORKERS_H
#define WORKERS_H

#include "progress.h"
#include "unpacker.h"

#include <pthread.h>

/* A thing to be done: a run of a helper, or a range to be copied. */
struct task {
	struct recipe *recipe; /* NULL: the images of -x */
	size_t range;
};

/* The threads that make the images. They are not waited for when one of them
 * has failed: what they use lasts until the end of the process. */
struct workers {
	struct staging *staging;
	struct unpacker *archive; /* of -x; NULL: none */
	struct progress progress;
	struct task *tasks;
	size_t count;
	atomic_size_t next;
	atomic_bool cancel; /* something failed: all stop */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t busy; /* threads at work */
	bool failed; /* then why is the first failure's reason */
	struct reason why;
};

/* Makes the images that are not there yet, side by side: a few threads take one
 * task after the other, and what may have to wait for somebody else (a FIFO)
 * has a thread of its own. Returns 0 when all are made, or -1 with the reason
 * of the first failure ("" when a helper has said it). */
int workers_run(struct workers *workers, struct reason *why);

#endif
