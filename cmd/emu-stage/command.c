#include "command.h"

#include "made_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
fail(const char *name)
{
	dprintf(STDERR_FILENO, "emu-stage: %s: %s\n", name, strerror(errno));
	_exit(127);
}

/* The descriptors of a child are 0 to 3. Ours are above: 0 to 2 are open. */
static void
move_descriptor(int from, int to, const char *name)
{
	if (from == to) {
		if (fcntl(to, F_SETFD, 0) < 0)
			fail(name);
	} else if (dup2(from, to) < 0) {
		fail(name);
	}
}

static void
open_input(const struct command *command, const char *name)
{
	const char *path =
	    command->in_path != NULL ? command->in_path : "/dev/null";
	int in = open(path, O_RDONLY | O_CLOEXEC);

	if (in < 0)
		fail(path);
	move_descriptor(in, STDIN_FILENO, name);
}

static _Noreturn void
become(const struct command *command, int words, int out)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	const char *name = command->argv[0];
	int in = command->in;
	sigset_t none;

	sigemptyset(&none);
	sigaction(SIGPIPE, &standard, NULL);
	sigaction(SIGXFSZ, &standard, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	move_descriptor(out, STDOUT_FILENO, name);
	if (in >= 0)
		move_descriptor(in, STDIN_FILENO, name);
	/* Descriptor 3 last: it may be any of the others'. */
	if (words >= 0)
		move_descriptor(words, 3, name);
	/* Opening a FIFO may take long: what other children have from us must
	 * not stay open here for that time. */
	close_range(words >= 0 ? 4 : 3, ~0U, 0);
	if (in < 0)
		open_input(command, name);
	/* execvp does not change what it is given. */
	execvp(name, (char **)(uintptr_t)command->argv);
	fail(name);
}

int
command_start(struct command *command, struct made *made, struct reason *why)
{
	int out[2] = {-1, -1}, words[2] = {-1, -1};

	command->words = command->out = -1;
	if (pipe2(out, O_CLOEXEC) < 0 ||
	    (command->has_words && pipe2(words, O_CLOEXEC) < 0)) {
		reason_errno(why, "pipe");
		goto out;
	}
	command->pid = made_fork(made);
	if (command->pid == 0)
		become(command, command->has_words ? words[0] : command->keep,
		    out[1]);
	if (command->pid > 0) {
		close(out[1]);
		if (words[0] >= 0)
			close(words[0]);
		command->out = out[0];
		command->words = words[1];
		return 0;
	}
	reason_errno(why, "fork");
out:
	for (int i = 0; i < 2; i++) {
		if (out[i] >= 0)
			close(out[i]);
		if (words[i] >= 0)
			close(words[i]);
	}
	return -1;
}

int
command_wait(struct command *command, struct made *made, struct reason *why)
{
	int status = made_wait(made, command->pid);
	const char *slash = strrchr(command->argv[0], '/');
	const char *name = slash == NULL ? command->argv[0] : slash + 1;

	if (status == 0)
		return 0;
	if (status < 0)
		return reason_errno(why, "%s", name);
	if (WIFSIGNALED(status))
		return reason_set(
		    why, "%s: killed by signal %d", name, WTERMSIG(status));
	if (WEXITSTATUS(status) == MADE_NO_CHILD)
		return reason_set(why, "%s: cannot be started", name);
	why->text[0] = '\0';
	return -1;
}
