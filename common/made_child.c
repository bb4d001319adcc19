#include "made_child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t
made_fork(struct made *made)
{
	pid_t parent = getpid(), pid = -1;

	pthread_mutex_lock(&made->lock);
	pid_t *children = reallocarray(
	    made->children, made->child_count + 1, sizeof(*children));
	if (children != NULL) {
		made->children = children;
		pid = fork();
	}
	if (pid > 0)
		children[made->child_count++] = pid;
	if (pid != 0)
		pthread_mutex_unlock(&made->lock);
	if (pid == 0 &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
		_exit(MADE_NO_CHILD);
	return pid;
}

static void
forget_child(struct made *made, pid_t pid)
{
	for (size_t i = 0; i < made->child_count; i++) {
		if (made->children[i] == pid)
			made->children[i] = made->children[--made->child_count];
	}
}

int
made_wait(struct made *made, pid_t pid)
{
	siginfo_t info;
	int status = -1;

	/* It stays a zombie, and the number its own, until the lock is held. */
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0) {
		if (errno != EINTR)
			return -1;
	}
	pthread_mutex_lock(&made->lock);
	if (waitpid(pid, &status, 0) < 0)
		status = -1;
	forget_child(made, pid);
	pthread_mutex_unlock(&made->lock);
	return status;
}
