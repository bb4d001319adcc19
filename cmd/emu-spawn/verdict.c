#include "verdict.h"

#include "serial_text.h"

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

/* What a rule says beside its cause. */
enum {
	STOP = 1,  /* the machine does not end by itself */
	AWAIT = 2, /* it should now */
	DONE = 4,  /* the guest is: its emulator's status decides */
};

static const char panicked[] = "the guest panicked";
static const char watchdog[] = "the guest's watchdog fired";
static const char was_reset[] =
    "the guest reset; a panic that QMP does not report looks the same";
static const char outside[] = "the machine was shut down from outside";

/* What decides: QMP's events with their reason or action, and the run states,
 * which are in small letters (qapi/run-state.json). A SHUTDOWN for any other
 * reason is somebody's doing: a QMP client's (host-qmp-quit,
 * host-qmp-system-reset), a closed window's (host-ui), or one that is not known
 * here. After GUEST_CRASHLOADED a crash kernel is at work: let it. */
static const struct rule {
	const char *name, *detail; /* detail NULL: any */
	enum cause cause;          /* CAUSE_NONE: none yet */
	int status;
	unsigned then;
	const char *why;
} rules[] = {
    {"SHUTDOWN", "guest-shutdown", CAUSE_NONE, 0, DONE, ""},
    {"SHUTDOWN", "guest-panic", CAUSE_PANIC, STATUS_PANIC, 0, panicked},
    {"SHUTDOWN", "guest-reset", CAUSE_RESET, STATUS_RESET, 0, was_reset},
    {"SHUTDOWN", "subsystem-reset", CAUSE_RESET, STATUS_RESET, 0, was_reset},
    {"SHUTDOWN", "host-error", CAUSE_ERROR, STATUS_ERROR, 0,
	"the emulator shut down: host-error"},
    {"SHUTDOWN", "host-signal", CAUSE_SIGNAL, STATUS_SIGNAL + SIGTERM, 0,
	"somebody sent the emulator a signal"},
    {"SHUTDOWN", NULL, CAUSE_ERROR, STATUS_ERROR, 0, outside},
    {"GUEST_PANICKED", NULL, CAUSE_PANIC, STATUS_PANIC, AWAIT, panicked},
    {"GUEST_CRASHLOADED", NULL, CAUSE_PANIC, STATUS_PANIC, 0, panicked},
    {"WATCHDOG", "pause", CAUSE_PANIC, STATUS_PANIC, AWAIT, watchdog},
    {"WATCHDOG", "poweroff", CAUSE_PANIC, STATUS_PANIC, AWAIT, watchdog},
    {"WATCHDOG", "shutdown", CAUSE_PANIC, STATUS_PANIC, AWAIT, watchdog},
    {"guest-panicked", NULL, CAUSE_PANIC, STATUS_PANIC, STOP, panicked},
    {"watchdog", NULL, CAUSE_PANIC, STATUS_PANIC, STOP, watchdog},
    {"internal-error", NULL, CAUSE_ERROR, STATUS_ERROR, STOP,
	"the emulator stopped the guest: internal-error"},
    {"io-error", NULL, CAUSE_ERROR, STATUS_ERROR, STOP,
	"the emulator stopped the guest: io-error"},
    {"shutdown", NULL, CAUSE_NONE, 0, STOP | DONE, ""},
};

/* The first decisive event wins. */
void
verdict_stop(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...)
{
	va_list ap;

	verdict->stop = true;
	if (verdict->cause != CAUSE_NONE)
		return;
	verdict->cause = cause;
	verdict->status = status;
	va_start(ap, format);
	reason_vset(&verdict->why, format, ap);
	va_end(ap);
}

void
verdict_error(struct verdict *verdict, const char *what, int error)
{
	verdict_stop(verdict, CAUSE_ERROR, STATUS_ERROR, "%s%s%s", what,
	    error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
}

void
verdict_reader(struct verdict *verdict, bool may, const char *what)
{
	verdict_stop(verdict, CAUSE_READER, may ? 0 : STATUS_READER, "%s",
	    may ? "" : what);
}

void
verdict_unstarted(struct verdict *verdict, const char *why)
{
	verdict_stop(verdict, CAUSE_START, STATUS_ERROR,
	    "%s: the guest was not started: %.800s", verdict->name, why);
}

void
verdict_command(struct verdict *verdict, int status)
{
	bool died = status > STATUS_SIGNAL;

	if (verdict->cause == CAUSE_EXIT && verdict->status == 0)
		verdict->cause = CAUSE_NONE;
	verdict_stop(verdict, CAUSE_COMMAND, status, "-X: %s %d",
	    died ? "died of signal" : "exit status",
	    died ? status - STATUS_SIGNAL : status);
}

void
verdict_explain(struct verdict *verdict, const char *text)
{
	struct reason why = verdict->why;

	if (text[0] != '\0')
		reason_set(&verdict->why, "%.800s; %s", why.text, text);
}

void
verdict_left(struct verdict *verdict, const char *what)
{
	if (verdict->status != 0) {
		verdict_explain(verdict, what);
		return;
	}
	verdict->cause = CAUSE_NONE;
	verdict_error(verdict, what, 0);
}

/* A panic is one also behind a power-off. */
static void
obey(struct verdict *verdict, const struct rule *rule,
    const struct qmp_message *message)
{
	const char *detail =
	    message->detail[0] != '\0' ? message->detail : "no reason";

	verdict->stop |= (rule->then & STOP) != 0;
	verdict->awaited |= (rule->then & AWAIT) != 0;
	if (verdict->cause != CAUSE_NONE ||
	    (verdict->powered_off && rule->cause != CAUSE_PANIC))
		return;
	json_decref(verdict->event);
	verdict->event = json_incref(message->value);
	verdict->powered_off |= (rule->then & DONE) != 0;
	if (rule->cause == CAUSE_NONE)
		return;
	verdict->cause = rule->cause;
	verdict->status = rule->status;
	reason_set(&verdict->why, "%s%s%s", rule->why,
	    rule->why == outside ? ": " : "",
	    rule->why == outside ? detail : "");
}

/* The guest has reset and runs on. A reset by somebody outside is none. */
static void
count_reset(struct verdict *verdict, const struct qmp_message *message)
{
	if ((strcmp(message->detail, "guest-reset") != 0 &&
		strcmp(message->detail, "subsystem-reset") != 0) ||
	    ++verdict->resets != verdict->resets_most)
		return;
	if (verdict->event == NULL)
		verdict->event = json_incref(message->value);
	verdict_stop(verdict, CAUSE_RESET, STATUS_RESET,
	    "the guest reset %u times", verdict->resets);
}

/* What an event or a run state tells of the guest beside the verdict. */
static void
note(struct verdict *verdict, const struct qmp_message *message)
{
	const char *name = message->name;

	if (strcmp(name, "RESET") == 0)
		count_reset(verdict, message);
	if (strcmp(name, "SHUTDOWN") == 0 || strcmp(name, "RESUME") == 0 ||
	    strcmp(name, "running") == 0)
		verdict->ran = true;
	/* In these the machine waits for somebody outside. */
	if (message->kind == QMP_STATUS || strcmp(name, "RESUME") == 0)
		verdict->paused = strcmp(name, "paused") == 0 ||
				  strcmp(name, "debug") == 0 ||
				  (strcmp(name, "prelaunch") == 0 &&
				      (verdict->ran || !verdict->held));
}

void
verdict_message(struct verdict *verdict, const struct qmp_message *message)
{
	verdict->greeted |= message->kind == QMP_GREETING;
	verdict->garbled |= message->kind == QMP_GARBLED;
	if (message->kind != QMP_EVENT && message->kind != QMP_STATUS)
		return;
	note(verdict, message);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct rule *rule = &rules[i];

		if (strcmp(rule->name, message->name) == 0 &&
		    (rule->detail == NULL ||
			strcmp(rule->detail, message->detail) == 0)) {
			obey(verdict, rule, message);
			return;
		}
	}
}

void
verdict_last_line(const char *text, size_t len, char line[VERDICT_LINE])
{
	struct serial_text serial = {.keep_stamps = true};
	char *bare = malloc(len + 2 * (size_t)SERIAL_TEXT_EXTRA);
	size_t n = 0;

	line[0] = '\0';
	if (bare == NULL)
		return;
	n = serial_text_feed(&serial, text, len, bare);
	n += serial_text_end(&serial, bare + n);
	while (n > 0 && strchr("\n\t ", bare[n - 1]) != NULL)
		n--;
	size_t start = n;
	while (start > 0 && bare[start - 1] != '\n')
		start--;
	if (n - start >= VERDICT_LINE)
		n = start + VERDICT_LINE - 1;
	memcpy(line, bare + start, n - start);
	line[n - start] = '\0';
	free(bare);
}

/* QEMU returns 0 after SIGTERM, SIGINT and SIGHUP, but says what it was. */
static int
signal_told(const char *line)
{
	const char *told = strstr(line, ": terminating on signal ");
	int number;

	if (told == NULL ||
	    sscanf(told, ": terminating on signal %2d", &number) != 1 ||
	    number < 1 || number > 64)
		return 0;
	return number;
}

/* How the emulator ended, for people; with its last words if that is all there
 * is. */
static void
describe(int wait_status, bool spoke, const char *line, struct reason *how)
{
	int number = WTERMSIG(wait_status);

	if (WIFSIGNALED(wait_status))
		reason_set(
		    how, "died of signal %d (%s)", number, strsignal(number));
	else
		reason_set(how, "exit status %d%s%s%s",
		    WEXITSTATUS(wait_status), spoke ? "" : ", no output",
		    !spoke && line[0] != '\0' ? ": " : "", spoke ? "" : line);
}

/* Decides by the emulator's end. */
static void
settle(struct verdict *verdict, enum cause cause, int status, const char *what)
{
	verdict_stop(verdict, cause, status, "%s: %s", verdict->name, what);
}

static void
settle_exit(struct verdict *verdict, int status, const char *how)
{
	const bool *success = verdict->success;

	if (success != NULL ? success[status] : status == 0)
		return;
	if (status == 0)
		settle(verdict, CAUSE_EXIT, STATUS_NOT_0,
		    "exit status 0, which is no success here");
	settle(verdict, CAUSE_EXIT,
	    status < STATUS_NOT_0 ? status : STATUS_HIGH, how);
}

/* Whether it ended before any processor of the guest ran. QMP tells. Where the
 * guest does not wait for us, QMP may not have come to it in a machine that
 * ends at once: that one leaves no complaint. */
static bool
never_ran(const struct verdict *verdict, bool spoke, bool complained)
{
	bool unseen = spoke || (verdict->greeted && !complained);

	return verdict->qmp && !verdict->ran && (verdict->waits || !unseen);
}

void
verdict_end(
    struct verdict *verdict, int wait_status, bool spoke, const char *errors)
{
	static const char mute[] = "never spoke QMP on descriptor 3";
	static const char early[] = "ended before the guest ran";
	char line[VERDICT_LINE];
	struct reason how;

	verdict_last_line(errors, strlen(errors), line);
	int told = signal_told(line);
	if (verdict->cause == CAUSE_SIGNAL && verdict->event != NULL &&
	    told > 0)
		verdict->status = STATUS_SIGNAL + told;
	if (wait_status == 0 && told > 0) {
		/* The number of a signal is the wait status that it gives. */
		describe(told, spoke, line, &how);
		settle(verdict, CAUSE_SIGNAL, STATUS_SIGNAL + told, how.text);
	}
	describe(wait_status, spoke, line, &how);
	if (never_ran(verdict, spoke, errors[0] != '\0'))
		settle(verdict, CAUSE_START, STATUS_ERROR,
		    wait_status != 0   ? how.text
		    : verdict->greeted ? early
				       : mute);
	if (WIFSIGNALED(wait_status))
		settle(verdict, CAUSE_SIGNAL,
		    STATUS_SIGNAL + WTERMSIG(wait_status), how.text);
	settle_exit(verdict, WEXITSTATUS(wait_status), how.text);
	if (verdict->demanded && !verdict->greeted)
		settle(verdict, CAUSE_ERROR, STATUS_ERROR, mute);
	if (verdict->garbled)
		settle(verdict, CAUSE_ERROR, STATUS_ERROR,
		    "its QMP messages could not be understood");
	verdict_stop(verdict, CAUSE_EXIT, 0, "%s", "");
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
