#include "verdict.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
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

static void __attribute__((format(printf, 4, 0)))
decide(struct verdict *verdict, enum cause cause, int status,
    const char *format, va_list args)
{
	char text[sizeof(verdict->why.text)];

	if (verdict->cause != CAUSE_NONE)
		return;
	verdict->cause = cause;
	verdict->status = status;
	vsnprintf(text, sizeof(text), format, args);
	reason_set(&verdict->why, "%s", text);
}

static void __attribute__((format(printf, 4, 5)))
settle(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	decide(verdict, cause, status, format, args);
	va_end(args);
}

void
verdict_stop(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	decide(verdict, cause, status, format, args);
	va_end(args);
	verdict->stop = true;
}

void
verdict_limit(struct verdict *verdict, const char *limit, enum cause cause,
    int status, const struct reason *why)
{
	if (verdict->cause == CAUSE_NONE)
		verdict->limit = limit;
	verdict_stop(verdict, cause, status, "%s", why->text);
}

void
verdict_reader(struct verdict *verdict, bool may, const char *what)
{
	verdict_stop(verdict, CAUSE_READER, may ? 0 : STATUS_READER, "%s",
	    may ? "" : what);
}

void
verdict_command(struct verdict *verdict, int status)
{
	if (verdict->cause == CAUSE_EXIT && verdict->status == 0)
		verdict->cause = CAUSE_NONE;
	verdict_stop(verdict, CAUSE_COMMAND, status,
	    status > STATUS_SIGNAL ? "-X: died of signal %d"
				   : "-X: exit status %d",
	    status > STATUS_SIGNAL ? status - STATUS_SIGNAL : status);
}

void
verdict_guest_command(struct verdict *verdict, int status)
{
	verdict_stop(verdict, CAUSE_EXIT, status, "%s", "");
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
		verdict->event = json_incref(message->value);
}

/* QEMU's ShutdownCause (qapi/run-state.json), and what each of them means when
 * we have not told the machine to end. Any other is somebody's doing: a QMP
 * client's (host-qmp-quit, host-qmp-system-reset), a closed window's (host-ui),
 * or one that is not known here. */
static const struct {
	const char *reason;
	enum cause cause; /* CAUSE_NONE: the guest is done */
	int status;
	const char *why;
} shutdowns[] = {
    {"guest-shutdown", CAUSE_NONE, 0, ""},
    {"guest-panic", CAUSE_PANIC, STATUS_PANIC, "the guest panicked"},
    {"guest-reset", CAUSE_RESET, STATUS_RESET, "the guest reset"},
    {"subsystem-reset", CAUSE_RESET, STATUS_RESET, "the guest reset"},
    {"host-error", CAUSE_ERROR, STATUS_ERROR,
	"the emulator shut down: host-error"},
    {"host-signal", CAUSE_SIGNAL, STATUS_SIGNAL + SIGTERM,
	"somebody sent the emulator a signal"},
};

/* The emulator ends after this event, unless it was told to pause. */
static void
shutdown(struct verdict *verdict, const struct qmp_message *message)
{
	const size_t count = sizeof(shutdowns) / sizeof(*shutdowns);
	size_t i = 0;

	if (verdict->cause != CAUSE_NONE || verdict->powered_off ||
	    verdict->stop)
		return;
	while (i < count && strcmp(shutdowns[i].reason, message->reason) != 0)
		i++;
	if (i == count)
		settle(verdict, CAUSE_ERROR, STATUS_ERROR,
		    "the machine was shut down from outside: %s",
		    message->reason[0] != '\0' ? message->reason : "no reason");
	else if (shutdowns[i].cause == CAUSE_NONE)
		verdict->powered_off = true;
	else
		settle(verdict, shutdowns[i].cause, shutdowns[i].status, "%s",
		    shutdowns[i].why);
	keep_event(verdict, message);
}

/* A panic is one also behind a power-off. */
static void
panicked(struct verdict *verdict, const struct qmp_message *message,
    const char *what)
{
	if (verdict->cause != CAUSE_NONE)
		return;
	json_decref(verdict->event);
	verdict->event = json_incref(message->value);
	settle(verdict, CAUSE_PANIC, STATUS_PANIC, "%s", what);
}

/* The guest has reset and runs on. A reset by somebody outside is none. */
static void
count_reset(struct verdict *verdict, const struct qmp_message *message)
{
	if (strcmp(message->reason, "guest-reset") != 0 &&
	    strcmp(message->reason, "subsystem-reset") != 0)
		return;
	if (++verdict->resets != verdict->resets_most)
		return;
	keep_event(verdict, message);
	verdict_stop(verdict, CAUSE_RESET, STATUS_RESET,
	    "the guest reset %u times", verdict->resets);
}

static void
event(struct verdict *verdict, const struct qmp_message *message)
{
	const char *name = message->name, *action = message->action;

	if (strcmp(name, "SHUTDOWN") == 0) {
		verdict->ran = true;
		shutdown(verdict, message);
	} else if (strcmp(name, "GUEST_PANICKED") == 0) {
		panicked(verdict, message, "the guest panicked");
		verdict->awaited = true;
	} else if (strcmp(name, "GUEST_CRASHLOADED") == 0) {
		/* A crash kernel is at work: let it. */
		panicked(verdict, message, "the guest panicked");
	} else if (strcmp(name, "WATCHDOG") == 0) {
		if (strcmp(action, "pause") != 0 &&
		    strcmp(action, "poweroff") != 0 &&
		    strcmp(action, "shutdown") != 0)
			return;
		panicked(verdict, message, "the guest's watchdog fired");
		verdict->awaited = true;
	} else if (strcmp(name, "RESET") == 0) {
		count_reset(verdict, message);
	} else if (strcmp(name, "RESUME") == 0) {
		verdict->ran = true;
		verdict->paused = false;
	}
}

/* The run states (qapi/run-state.json): in some the machine waits for somebody
 * outside, others it does not leave. */
static void
run_state(struct verdict *verdict, const struct qmp_message *message)
{
	const char *state = message->name;

	verdict->paused = strcmp(state, "paused") == 0 ||
			  strcmp(state, "prelaunch") == 0 ||
			  strcmp(state, "debug") == 0;
	if (strcmp(state, "running") == 0)
		verdict->ran = true;
	if (strcmp(state, "guest-panicked") == 0)
		panicked(verdict, message, "the guest panicked");
	else if (strcmp(state, "watchdog") == 0)
		panicked(verdict, message, "the guest's watchdog fired");
	else if (strcmp(state, "internal-error") == 0 ||
		 strcmp(state, "io-error") == 0)
		settle(verdict, CAUSE_ERROR, STATUS_ERROR,
		    "the emulator stopped the guest: %s", state);
	else if (strcmp(state, "shutdown") == 0)
		verdict->powered_off = true;
	else
		return;
	keep_event(verdict, message);
	verdict->stop = true;
}

void
verdict_message(struct verdict *verdict, const struct qmp_message *message)
{
	switch (message->kind) {
	case QMP_GREETING:
		verdict->greeted = true;
		break;
	case QMP_EVENT:
		event(verdict, message);
		break;
	case QMP_STATUS:
		run_state(verdict, message);
		break;
	case QMP_GARBLED:
		verdict->garbled = true;
		break;
	case QMP_ANSWER:
	case QMP_REFUSAL:
	case QMP_OTHER:
		break;
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

#define MUTE "%s: never spoke QMP on descriptor 3"

/* How the emulator ended, for people. */
static void
describe(const struct verdict_facts *facts, struct reason *why)
{
	int status = facts->wait_status;
	char line[LINE_BYTES];

	last_line(facts->errors, line);
	if (WIFSIGNALED(status))
		reason_set(why, "%s: died of signal %d (%s)", facts->name,
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		reason_set(why, "%s: exit status %d%s%s%s", facts->name,
		    WEXITSTATUS(status),
		    facts->said_something ? "" : ", no output",
		    !facts->said_something && line[0] != '\0' ? ": " : "",
		    facts->said_something ? "" : line);
}

static void
end_by_status(
    struct verdict *verdict, const struct verdict_facts *facts, int status)
{
	struct reason why;

	describe(facts, &why);
	if (facts->success != NULL ? facts->success[status] : status == 0) {
		if (facts->demanded && !verdict->greeted)
			settle(verdict, CAUSE_ERROR, STATUS_ERROR, MUTE,
			    facts->name);
		if (verdict->garbled)
			settle(verdict, CAUSE_ERROR, STATUS_ERROR,
			    "%s: what it said by QMP could not be understood",
			    facts->name);
		settle(verdict, CAUSE_EXIT, 0, "%s", "");
	} else if (status == 0) {
		settle(verdict, CAUSE_EXIT, STATUS_NOT_0,
		    "%s: exit status 0, which is no success here", facts->name);
	} else {
		settle(verdict, CAUSE_EXIT,
		    status >= STATUS_NOT_0 ? STATUS_HIGH : status, "%s",
		    why.text);
	}
}

/* Whether it ended before any processor of the guest ran. QMP tells, but may
 * not have come to it in a machine that ends at once: that one leaves no
 * complaint. */
static bool
never_ran(const struct verdict *verdict, const struct verdict_facts *facts)
{
	if (!facts->qmp || verdict->ran || facts->said_something)
		return false;
	return !verdict->greeted || facts->errors[0] != '\0';
}

void
verdict_end(struct verdict *verdict, const struct verdict_facts *facts)
{
	int told = signal_told(facts->errors), status = facts->wait_status;
	struct reason why;

	if (verdict->cause == CAUSE_SIGNAL && verdict->event != NULL &&
	    told > 0)
		verdict->status = STATUS_SIGNAL + told;
	if (verdict->cause != CAUSE_NONE)
		return;
	describe(facts, &why);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && told > 0) {
		settle(verdict, CAUSE_SIGNAL, STATUS_SIGNAL + told,
		    "%s: died of signal %d (%s)", facts->name, told,
		    strsignal(told));
	} else if (never_ran(verdict, facts)) {
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			settle(verdict, CAUSE_START, STATUS_ERROR, MUTE,
			    facts->name);
		settle(verdict, CAUSE_START, STATUS_ERROR, "%s", why.text);
	} else if (WIFSIGNALED(status)) {
		settle(verdict, CAUSE_SIGNAL, STATUS_SIGNAL + WTERMSIG(status),
		    "%s", why.text);
	} else {
		end_by_status(verdict, facts, WEXITSTATUS(status));
	}
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
	json_decref(verdict->event);
	verdict->event = NULL;
}
