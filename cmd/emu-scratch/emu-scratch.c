/* emu-scratch: runs a command in a private directory, and takes the directory
 * and everything that the command left running away afterwards. */
#include "../fatal.h"
#include "../usage.h"
#include "duration.h"
#include "reason.h"
#include "run.h"
#include "stdio_guard.h"
#include "system_calls.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
static int
catch_signals(struct run *run, struct reason *why)
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
	if (sigaction(SIGCHLD, &standard, NULL) < 0)
		return reason_errno(why, "sigaction");
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signals < 0)
		return reason_errno(why, "signalfd");
	/* So that a message from the background does not stop the keeper. */
	sigaddset(&set, SIGTTOU);
	if (sigprocmask(SIG_BLOCK, &set, &run->mask) < 0)
		return reason_errno(why, "sigprocmask");
	return 0;
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

static int
prepare(struct run *run, struct reason *why)
{
	run->group = getpgrp();
	run->job = is_job();
	if (catch_signals(run, why) < 0)
		return -1;
	run->front = pidfd_open(getpid(), 0);
	if (run->front < 0)
		return reason_errno(why, "pidfd_open");
	return children_adopt(&run->children, why);
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
	struct run run = {0};
	struct reason why = {""};

	run.closed = stdio_guard();
	if (run.closed < 0)
		err(125, "/dev/null");
	usage_parse(&usage, argc, argv, &options);
	if (optind == argc)
		usage_wrong(&usage, "no command");
	if (duration_scale(&run.scale, &why) < 0)
		errx(125, "%s", why.text);
	run.argv = (const char *const *)argv + optind;
	run.keep = options.keep;
	if (leased_dir_choose(&run.dir, options.parent,
		options.keep ? "emu-kept" : "emu-scratch", &why) < 0 ||
	    prepare(&run, &why) < 0)
		errx(125, "%s", why.text);
	pid_t keeper = fork();
	if (keeper < 0)
		err(125, "fork");
	int status = keeper == 0 ? run_keep(&run) : run_front(&run, keeper);
	if (status < 0) {
		die_of(-status);
		status = 128 - status;
	}
	leased_dir_close(&run.dir);
	children_free(&run.children);
	return status;
}
