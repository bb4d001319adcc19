#include "signal_cleanup.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The signals to wait for: those that would end the process. */
static void
ending_signals(sigset_t *set)
{
	static const int signals[] = {
	    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU};

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
	}
}

static _Noreturn void
die(int number)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigaction(number, &standard, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}

static void *
clean_up(void *argument)
{
	struct new_files *files = argument;
	sigset_t set;
	int number;

	ending_signals(&set);
	do {
		number = sigwaitinfo(&set, NULL);
	} while (number < 0 && errno == EINTR);
	new_files_abandon(files);
	die(number);
}

int
signal_cleanup_start(struct new_files *files, struct reason *why)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	pthread_t thread;
	sigset_t set;

	ending_signals(&set);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	errno = pthread_create(&thread, NULL, clean_up, files);
	if (errno != 0)
		return reason_errno(why, "thread");
	pthread_detach(thread);
	return 0;
}
