#include "dialog.h"

#include "pty.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

const struct dialog dialog_none = {
    .child = {.pidfd = -1}, .slave = -1, .from = {.fd = -1}};

int
dialog_open(struct dialog *dialog, struct sink *to, const char *command,
    const sigset_t *mask, struct reason *why)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct child_plan plan = {
	    .argv = argv,
	    .fds = {CHILD_READS, CHILD_WRITES},
	    .count = 2,
	    .mask = mask,
	    .session = true,
	};

	*dialog = dialog_none;
	if (pty_open(&to->stream.fd, &dialog->slave) < 0)
		return reason_errno(why, "-X");
	plan.fds[0] = dialog->slave;
	if (child_start(&dialog->child, &plan, why) < 0)
		return -1;
	dialog->from.fd = dialog->child.ends[1];
	dialog->child.ends[1] = -1;
	if (fcntl(dialog->from.fd, F_SETFL, O_NONBLOCK) < 0)
		return reason_errno(why, "-X");
	return 0;
}

/* What was written to the master comes to the slave by a worker of the kernel,
 * which poll waits for (n_tty_poll flushes it) and FIONREAD does not. */
static bool
has_unread(int slave)
{
	struct pollfd p = {.fd = slave, .events = POLLIN};
	int unread = 0;

	if (poll(&p, 1, 0) > 0 && (p.revents & POLLIN))
		return true;
	return ioctl(slave, FIONREAD, &unread) == 0 && unread > 0;
}

bool
dialog_hang_up(struct dialog *dialog, struct sink *to)
{
	if (to->stream.fd < 0)
		return false;
	if (has_unread(dialog->slave))
		return true;
	stream_close(&to->stream);
	return false;
}

void
dialog_end(struct dialog *dialog)
{
	int status = child_end(&dialog->child);

	dialog->ended = true;
	dialog->status =
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void
dialog_close(struct dialog *dialog)
{
	stream_close(&dialog->from);
	if (dialog->slave >= 0)
		close(dialog->slave);
	*dialog = dialog_none;
}
