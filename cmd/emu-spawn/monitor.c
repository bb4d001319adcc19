#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char ports_id[] = "ports";

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
monitor_ask(
    struct run *run, const char *command, const char *id, const char *arguments)
{
	int qmp = run->emulator.qmp;

	if (qmp >= 0 && qmp_send(qmp, command, id, arguments, -1) < 0)
		lose(run, errno);
}

void
monitor_keep(struct run *run)
{
	if (run->emulator.qmp >= 0 &&
	    keeper_send(&run->keeper, run->emulator.qmp) < 0)
		lose(run, errno);
}

/* QEMU has told which ports it forwards. */
static void
take_ports(struct run *run, const struct qmp_message *message)
{
	const char *text =
	    json_string_value(json_object_get(message->value, "return"));
	struct reason why;

	if (run->ports != NULL || text == NULL)
		return;
	run->ports = ports_parse(text);
	if (run->ports == NULL)
		verdict_error(&run->verdict, "memory", ENOMEM);
	else if (ports_write(run->ports, &why) < 0)
		verdict_error(&run->verdict, why.text, 0);
}

static void
greet(struct run *run, json_t *greeting)
{
	struct reason why;

	monitor_ask(run, "qmp_capabilities", NULL, NULL);
	/* Whether the guest runs already. */
	monitor_ask(run, "query-status", NULL, NULL);
	if (run->forwards)
		monitor_ask(run, "human-monitor-command", ports_id,
		    "{\"command-line\":\"info usernet\"}");
	if (run->emulator.qmp >= 0 &&
	    keeper_greet(&run->keeper, greeting, run->emulator.qmp, &why) < 0)
		verdict_error(&run->verdict, why.text, 0);
}

static void
take_message(struct run *run, const struct qmp_message *message)
{
	verdict_message(&run->verdict, message);
	keeper_message(&run->keeper, message);
	if (message->kind == QMP_GREETING)
		greet(run, message->value);
	else if (message->kind == QMP_EVENT &&
		 strcmp(message->name, "STOP") == 0)
		monitor_ask(run, "query-status", NULL, NULL);
	else if (message->kind == QMP_ANSWER &&
		 strcmp(message->name, ports_id) == 0)
		take_ports(run, message);
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
