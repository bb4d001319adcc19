#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says of a start that failed. */
struct report {
	int error;
	int status;
	char at[128]; /* the thing at fault */
};

static int
open_terminal(struct command *command, const struct terminal *terminal)
{
	int slave;

	command->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (command->master < 0 || grantpt(command->master) < 0 ||
	    unlockpt(command->master) < 0)
		return -1;
	slave = open(ptsname(command->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave >= 0)
		command_resize(command, terminal->rows, terminal->columns);
	return slave;
}

void
command_resize(
    const struct command *command, unsigned short rows, unsigned short columns)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};

	if (command->master >= 0)
		ioctl(command->master, TIOCSWINSZ, &size);
}

/* Makes the child's three descriptors, and ours in *command. */
static int
open_streams(
    struct command *command, const struct terminal *terminal, int theirs[3])
{
	int *const ours[] = {&command->in, &command->out, &command->err};
	int slave = -1;

	*command =
	    (struct command){.in = -1, .out = -1, .err = -1, .master = -1};
	if (terminal->streams != 0) {
		slave = open_terminal(command, terminal);
		if (slave < 0)
			return -1;
	}
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (terminal->streams & 1U << i) {
			*ours[i] = fcntl(command->master, F_DUPFD_CLOEXEC, 0);
			theirs[i] = slave;
			continue;
		}
		if (pipe2(ends, O_CLOEXEC) < 0)
			return -1;
		*ours[i] = ends[i == 0];
		theirs[i] = ends[i != 0];
	}
	for (int i = 0; i < 3; i++)
		fcntl(*ours[i], F_SETFL, O_RDWR | O_NONBLOCK);
	return 0;
}

static void
fail(int report, int status, const char *at)
{
	struct report r = {.error = errno, .status = status};

	strncpy(r.at, at, sizeof(r.at) - 1);
	if (write(report, &r, sizeof(r)) < 0)
		_exit(125);
	_exit(125);
}

static void
become(const struct config *config, const struct terminal *terminal,
    const int theirs[3], int report)
{
	sigset_t none;
	char term[80];

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	for (int i = 0; i < 3; i++) {
		if (dup2(theirs[i], i) < 0)
			fail(report, 125, "dup2");
		if (terminal->streams & 1U << i)
			ioctl(i, TIOCSCTTY, 0);
	}
	if (setgroups(config->group_count, config->groups) < 0 ||
	    setgid(config->gid) < 0 || setuid(config->uid) < 0)
		fail(report, 125, "setuid");
	if (chdir(config->directory) < 0)
		fail(report, 125, config->directory);
	clearenv();
	for (size_t i = 0; i < config->envc; i++)
		putenv(config->env[i]);
	snprintf(term, sizeof(term), "TERM=%s", terminal->term);
	putenv(term);
	execvp(config->argv[0], config->argv);
	fail(report, errno == ENOENT ? 127 : 126, config->argv[0]);
}

int
command_start(struct command *command, const struct config *config,
    const struct terminal *terminal, char reason[static 256])
{
	int theirs[3] = {-1, -1, -1}, ends[2];
	struct report report;

	if (open_streams(command, terminal, theirs) < 0 ||
	    pipe2(ends, O_CLOEXEC) < 0) {
		snprintf(reason, 256, "pipe: %s", strerror(errno));
		return 125;
	}
	command->pid = fork();
	if (command->pid == 0)
		become(config, terminal, theirs, ends[1]);
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		close(theirs[i]); /* the terminal's slave more than once */
	ssize_t n =
	    command->pid < 0 ? 0 : read(ends[0], &report, sizeof(report));
	close(ends[0]);
	if (command->pid > 0 && n == 0)
		return 0;
	if (n != (ssize_t)sizeof(report))
		report = (struct report){errno, 125, "fork"};
	else
		waitpid(command->pid, NULL, 0);
	snprintf(reason, 256, "%s: %s", report.at, strerror(report.error));
	return report.status;
}
