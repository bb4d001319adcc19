/* emu-scratch: runs a command in a private directory, and takes the directory
 * and everything that the command left running away afterwards. */
#include "../fatal.h"
#include "../usage.h"
#include "duration.h"
#include "reason.h"
#include "run.h"
#include "stdio_guard.h"
#include "system_calls.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

const int fatal_status = 125;

struct options {
	const char *parent; /* NULL: the default */
	bool keep;
};

static const struct usage_option option_table[] = {
    {'d', "parent", "make the directory here (default: $TMPDIR, /var/tmp)",
	.at = offsetof(struct options, parent)},
    {'k', NULL, "keep the directory, and print its path",
	.at = offsetof(struct options, keep)},
    {0},
};

static const struct usage usage = {
    "emu-scratch", "[-k] [-d parent] [--] cmd [arg ...]", option_table};

/* Blocks SIGCHLD and the signals that ask us to stop, unless the caller ignores
 * them (nohup, a shell's background job), and makes a descriptor of them. */
static void
catch_signals(struct run *run)
{
	static const int stops[] = {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};
	const struct sigaction standard = {.sa_handler = SIG_DFL};
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		if (sigaction(stops[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaddset(&set, stops[i]);
	}
	sigaddset(&set, SIGCHLD);
	/* Ignored, children would leave no status. */
	sigaction(SIGCHLD, &standard, NULL);
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signals < 0)
		fatal_errno("signalfd");
	/* So that a message from the background does not stop the keeper. */
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &run->mask);
}

/* Whether an ancestor is in this session and in another group: a shell that
 * could continue ours. */
static bool
is_job(void)
{
	pid_t p = getppid();

	while (p > 0 && getpgid(p) == getpgrp())
		p = children_parent(p);
	return p > 0 && getsid(p) == getsid(0);
}

static void
die_of(int signal)
{
	sigset_t set;

	kill(getpid(), signal);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int
main(int argc, char *argv[])
{
	struct options options = {0};
	struct run run = {.ending.kill_at = UINT64_MAX};
	struct reason why = {""};

	run.closed = stdio_guard();
	if (run.closed < 0)
		fatal_errno("/dev/null");
	usage_parse(&usage, argc, argv, &options);
	if (optind == argc)
		usage_wrong(&usage, "no command");
	fatal_if(duration_scale(&run.scale, &why) < 0, &why);
	run.argv = (const char *const *)argv + optind;
	run.keep = options.keep;
	fatal_if(leased_dir_choose(&run.dir, options.parent,
		     options.keep ? "emu-kept" : "emu-scratch", &why) < 0,
	    &why);
	run.group = getpgrp();
	run.job = is_job();
	catch_signals(&run);
	run.front = pidfd_open(getpid(), 0);
	if (run.front < 0)
		fatal_errno("pidfd_open");
	fatal_if(children_adopt(&run.ending.spared, &why) < 0, &why);
	pid_t keeper = fork();
	if (keeper < 0)
		fatal_errno("fork");
	int status = keeper == 0 ? run_keep(&run) : run_front(&run, keeper);
	if (status < 0) {
		die_of(-status);
		status = 128 - status;
	}
	/* The run is on the stack: nothing of it is lost before that. */
	exit(status);
}
