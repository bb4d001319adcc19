#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* That the emulator has closed it changes nothing. When we cannot go on,
 * though, a panic could come out as a success. */
void
monitor_lose(struct run *run, int error)
{
	if (error != EPIPE && error != ECONNRESET)
		run_record_error(run, "QMP", error);
	close(run->emulator.qmp);
	run->emulator.qmp = -1;
}

void
monitor_ask(struct run *run, const char *command)
{
	if (run->emulator.qmp >= 0 && qmp_send(run->emulator.qmp, command) < 0)
		monitor_lose(run, errno);
}

static void
greet(struct run *run, const struct qmp_message *message)
{
	struct reason why;

	monitor_ask(run, "qmp_capabilities");
	/* Whether the guest runs already. */
	monitor_ask(run, "query-status");
	if (run->emulator.qmp >= 0 && keeper_greet(&run->keeper, message->value,
					  run->emulator.qmp, &why) < 0)
		verdict_stop(&run->verdict, CAUSE_ERROR, 125, "%s", why.text);
}

static void
take_messages(struct run *run)
{
	struct qmp_message message;

	while (qmp_next(&run->qmp, &message)) {
		verdict_message(&run->verdict, &message);
		qmp_steps_message(&run->keeper.steps, &message);
		if (message.kind == QMP_GREETING) {
			greet(run, &message);
		} else if (message.kind == QMP_EVENT &&
			   strcmp(message.name, "STOP") == 0) {
			monitor_ask(run, "query-status");
		}
	}
}

void
monitor_take(struct run *run)
{
	char bytes[4096];

	while (run->emulator.qmp >= 0) {
		ssize_t n = read(run->emulator.qmp, bytes, sizeof(bytes));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		int error = n == 0 ? EPIPE : errno;
		if (qmp_take(&run->qmp, bytes, n > 0 ? (size_t)n : 0) < 0)
			error = ENOMEM, n = -1;
		take_messages(run);
		if (n <= 0 && run->emulator.qmp >= 0)
			monitor_lose(run, error);
	}
}

bool
monitor_heeds(const struct run *run)
{
	return run->emulator.qmp >= 0 && run->verdict.greeted;
}
