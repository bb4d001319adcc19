#ifndef PROGRESS_H
#define PROGRESS_H

#include "recipe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Tells people how far it is, on stderr: on a terminal in a line that comes
 * after a second and goes at the end, elsewhere in a line every 30 s, for those
 * who take silence for death. */
struct progress {
	const struct staging *staging;
	_Atomic uint64_t done; /* bytes of files copied */
	uint64_t start;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	bool running;
};

/* Starts telling; where no thread can be had, nothing is told. */
void progress_start(struct progress *progress, const struct staging *staging);

void progress_stop(struct progress *progress);

#endif
