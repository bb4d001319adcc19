#ifndef MADE_CHILD_H
#define MADE_CHILD_H

#include "made.h"

#include <sys/types.h>

/* The status of a child that cannot be what made_fork says. */
enum { MADE_NO_CHILD = 125 };

/* Forks. The child, in which this returns 0, dies when this thread does; the
 * parent has it in its list until made_wait. Returns -1 with errno set. */
pid_t made_fork(struct made *made);

/* Waits for a child. Returns its status as waitpid does, or -1 with errno. */
int made_wait(struct made *made, pid_t pid);

#endif
