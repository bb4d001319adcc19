#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* That the emulator has closed it changes nothing. When we cannot go on,
 * though, a panic could come out as a success. */
static void
lose(struct run *run, int error)
{
	if (error != EPIPE && error != ECONNRESET)
		verdict_error(&run->verdict, "QMP", error);
	close(run->emulator.qmp);
	run->emulator.qmp = -1;
}

void
monitor_ask(struct run *run, const char *command)
{
	int qmp = run->emulator.qmp;

	if (qmp >= 0 && qmp_send(qmp, command, NULL, NULL, -1) < 0)
		lose(run, errno);
}

void
monitor_keep(struct run *run)
{
	if (run->emulator.qmp >= 0 &&
	    keeper_send(&run->keeper, run->emulator.qmp) < 0)
		lose(run, errno);
}

static void
take_message(struct run *run, const struct qmp_message *message)
{
	struct reason why;

	verdict_message(&run->verdict, message);
	keeper_message(&run->keeper, message);
	if (message->kind == QMP_GREETING) {
		monitor_ask(run, "qmp_capabilities");
		/* Whether the guest runs already. */
		monitor_ask(run, "query-status");
		if (run->emulator.qmp >= 0 &&
		    keeper_greet(&run->keeper, message->value,
			run->emulator.qmp, &why) < 0)
			verdict_error(&run->verdict, why.text, 0);
	} else if (message->kind == QMP_EVENT &&
		   strcmp(message->name, "STOP") == 0) {
		monitor_ask(run, "query-status");
	}
}

void
monitor_take(struct run *run)
{
	struct qmp_message message;
	char bytes[4096];

	while (run->emulator.qmp >= 0) {
		ssize_t n = read(run->emulator.qmp, bytes, sizeof(bytes));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		int error = n == 0 ? EPIPE : errno;
		if (qmp_take(&run->qmp, bytes, n > 0 ? (size_t)n : 0) < 0)
			error = ENOMEM, n = -1;
		while (qmp_next(&run->qmp, &message))
			take_message(run, &message);
		if (n <= 0 && run->emulator.qmp >= 0)
			lose(run, error);
	}
}

bool
monitor_heeds(const struct run *run)
{
	return run->emulator.qmp >= 0 && run->verdict.greeted;
}
