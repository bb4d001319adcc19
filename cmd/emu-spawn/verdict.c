#include "verdict.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Ours; see emu-spawn(1). */
enum {
	STATUS_NOT_0 = 118,
	STATUS_HIGH = 119,
	STATUS_PANIC = 120,
	STATUS_RESET = 121,
	STATUS_READER = 123,
	STATUS_ERROR = 125,
	STATUS_SIGNAL = 128,
};

/* What a line of the emulator's stderr is cut to in a message. */
enum { LINE_BYTES = 400 };

bool
verdict_decide(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...)
{
	char text[sizeof(verdict->why.text)];
	va_list args;

	if (verdict->cause != CAUSE_NONE)
		return false;
	verdict->cause = cause;
	verdict->status = status;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reason_set(&verdict->why, "%s", text);
	return true;
}

void
verdict_reader(struct verdict *verdict, bool may, const char *what)
{
	verdict_decide(verdict, CAUSE_READER, may ? 0 : STATUS_READER, "%s",
	    may ? "" : what);
}

void
verdict_command(struct verdict *verdict, int status)
{
	if (verdict->cause == CAUSE_EXIT && verdict->status == 0)
		verdict->cause = CAUSE_NONE;
	verdict_decide(verdict, CAUSE_COMMAND, status,
	    status > STATUS_SIGNAL ? "-X: died of signal %d"
				   : "-X: exit status %d",
	    status > STATUS_SIGNAL ? status - STATUS_SIGNAL : status);
}

void
verdict_explain(struct verdict *verdict, const char *text)
{
	struct reason why = verdict->why;

	if (text[0] != '\0')
		reason_set(&verdict->why, "%.800s; %s", why.text, text);
}

void
verdict_left(struct verdict *verdict, const struct reason *what)
{
	if (verdict->status != 0) {
		verdict_explain(verdict, what->text);
		return;
	}
	verdict->cause = CAUSE_ERROR;
	verdict->status = STATUS_ERROR;
	verdict->why = *what;
}

static void
keep_event(struct verdict *verdict, const struct qmp_message *message)
{
	if (verdict->event == NULL)
		verdict->event = strndup(message->text, message->len);
}

/* The emulator ends after this event, unless it was told to pause. */
static enum verdict_wish
shutdown(struct verdict *verdict, const struct qmp_message *message)
{
	const char *reason = message->reason;

	if (verdict->cause != CAUSE_NONE || verdict->powered_off)
		return VERDICT_NOTHING;
	if (strcmp(reason, "guest-panic") == 0)
		verdict_decide(
		    verdict, CAUSE_PANIC, STATUS_PANIC, "the guest panicked");
	else if (strcmp(reason, "guest-reset") == 0)
		verdict_decide(
		    verdict, CAUSE_RESET, STATUS_RESET, "the guest reset");
	else if (strcmp(reason, "host-signal") == 0)
		verdict_decide(verdict, CAUSE_SIGNAL, STATUS_SIGNAL + SIGTERM,
		    "somebody sent the emulator a signal");
	else if (strcmp(reason, "host-error") == 0)
		verdict_decide(verdict, CAUSE_ERROR, STATUS_ERROR,
		    "the emulator shut down: %s", reason);
	else if (strcmp(reason, "guest-shutdown") == 0)
		verdict->powered_off = true;
	else
		return VERDICT_NOTHING;
	keep_event(verdict, message);
	return VERDICT_NOTHING;
}

static enum verdict_wish
panicked(struct verdict *verdict, const struct qmp_message *message,
    enum verdict_wish wish)
{
	if (verdict->cause != CAUSE_NONE || verdict->powered_off)
		return VERDICT_NOTHING;
	verdict_decide(
	    verdict, CAUSE_PANIC, STATUS_PANIC, "the guest panicked");
	keep_event(verdict, message);
	return wish;
}

static enum verdict_wish
watchdog(struct verdict *verdict, const struct qmp_message *message)
{
	const char *action = message->action;

	if (strcmp(action, "pause") != 0 && strcmp(action, "poweroff") != 0 &&
	    strcmp(action, "shutdown") != 0)
		return VERDICT_NOTHING;
	if (verdict_decide(verdict, CAUSE_PANIC, STATUS_PANIC,
		"the guest's watchdog fired"))
		keep_event(verdict, message);
	return VERDICT_WAIT;
}

static enum verdict_wish
event(struct verdict *verdict, const struct qmp_message *message)
{
	if (strcmp(message->name, "SHUTDOWN") == 0)
		return shutdown(verdict, message);
	if (strcmp(message->name, "GUEST_PANICKED") == 0)
		return panicked(verdict, message, VERDICT_WAIT);
	/* A crash kernel is at work: let it. */
	if (strcmp(message->name, "GUEST_CRASHLOADED") == 0)
		return panicked(verdict, message, VERDICT_NOTHING);
	if (strcmp(message->name, "WATCHDOG") == 0)
		return watchdog(verdict, message);
	if (strcmp(message->name, "STOP") == 0)
		return VERDICT_ASK;
	return VERDICT_NOTHING;
}

/* The machine stands still. Some states mean that it will for ever. */
static enum verdict_wish
standstill(struct verdict *verdict, const struct qmp_message *message)
{
	const char *state = message->name;

	if (strcmp(state, "guest-panicked") == 0)
		verdict_decide(
		    verdict, CAUSE_PANIC, STATUS_PANIC, "the guest panicked");
	else if (strcmp(state, "internal-error") == 0 ||
		 strcmp(state, "io-error") == 0)
		verdict_decide(verdict, CAUSE_ERROR, STATUS_ERROR,
		    "the emulator stopped the guest: %s", state);
	else if (strcmp(state, "watchdog") == 0)
		verdict_decide(verdict, CAUSE_PANIC, STATUS_PANIC,
		    "the guest's watchdog fired");
	else if (strcmp(state, "shutdown") != 0)
		return VERDICT_NOTHING;
	keep_event(verdict, message);
	return VERDICT_STOP;
}

enum verdict_wish
verdict_message(struct verdict *verdict, const struct qmp_message *message)
{
	switch (message->kind) {
	case QMP_EVENT:
		return event(verdict, message);
	case QMP_STATUS:
		return standstill(verdict, message);
	default:
		return VERDICT_NOTHING;
	}
}

/* The last line of text that is not empty, without its line ends. */
static void
last_line(const char *text, char line[LINE_BYTES])
{
	const char *end = text + strlen(text);

	while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	const char *start = end;
	while (start > text && start[-1] != '\n')
		start--;
	snprintf(line, LINE_BYTES, "%.*s", (int)(end - start), start);
}

/* QEMU returns 0 after SIGTERM, SIGINT and SIGHUP, but says what it was. */
static int
signal_told(const char *errors)
{
	char line[LINE_BYTES];
	int number;

	last_line(errors, line);
	const char *told = strstr(line, ": terminating on signal ");
	if (told == NULL ||
	    sscanf(told, ": terminating on signal %2d", &number) != 1 ||
	    number < 1 || number > 64)
		return 0;
	return number;
}

static void
end_by_signal(
    struct verdict *verdict, const struct verdict_facts *facts, int number)
{
	verdict_decide(verdict, CAUSE_SIGNAL, STATUS_SIGNAL + number,
	    "%s: died of signal %d (%s)", facts->name, number,
	    strsignal(number));
}

static void
end_by_status(
    struct verdict *verdict, const struct verdict_facts *facts, int status)
{
	char line[LINE_BYTES];

	last_line(facts->errors, line);
	if (status == 0 && facts->mute)
		verdict_decide(verdict, CAUSE_ERROR, STATUS_ERROR,
		    "%s: never spoke QMP on descriptor 3", facts->name);
	else if (facts->success != NULL ? facts->success[status] : status == 0)
		verdict_decide(verdict, CAUSE_EXIT, 0, "%s", "");
	else if (status == 0)
		verdict_decide(verdict, CAUSE_EXIT, STATUS_NOT_0,
		    "%s: exit status 0, which is no success here", facts->name);
	else
		verdict_decide(verdict, CAUSE_EXIT,
		    status >= STATUS_NOT_0 ? STATUS_HIGH : status,
		    "%s: exit status %d%s%s%s", facts->name, status,
		    facts->said_something ? "" : ", no output",
		    !facts->said_something && line[0] != '\0' ? ": " : "",
		    facts->said_something ? "" : line);
}

void
verdict_end(struct verdict *verdict, const struct verdict_facts *facts)
{
	int told = signal_told(facts->errors);

	if (verdict->cause == CAUSE_SIGNAL && verdict->event != NULL &&
	    told > 0)
		verdict->status = STATUS_SIGNAL + told;
	if (verdict->cause != CAUSE_NONE)
		return;
	if (WIFSIGNALED(facts->wait_status))
		end_by_signal(verdict, facts, WTERMSIG(facts->wait_status));
	else if (WEXITSTATUS(facts->wait_status) == 0 && told > 0)
		end_by_signal(verdict, facts, told);
	else
		end_by_status(verdict, facts, WEXITSTATUS(facts->wait_status));
}

const char *
verdict_cause_name(enum cause cause)
{
	static const char *const names[] = {
	    [CAUSE_NONE] = "error",
	    [CAUSE_EXIT] = "exit",
	    [CAUSE_PANIC] = "panic",
	    [CAUSE_RESET] = "reset",
	    [CAUSE_SILENCE] = "silence",
	    [CAUSE_READER] = "reader",
	    [CAUSE_TIMEOUT] = "timeout",
	    [CAUSE_ERROR] = "error",
	    [CAUSE_START] = "start",
	    [CAUSE_SIGNAL] = "signal",
	    [CAUSE_COMMAND] = "command",
	};

	return names[cause];
}

void
verdict_free(struct verdict *verdict)
{
	free(verdict->event);
	verdict->event = NULL;
}
