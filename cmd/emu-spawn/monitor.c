#include "monitor.h"

#include "../fatal.h"
#include "output_file.h"
#include "ports.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long QEMU may write nothing. */
static const uint64_t patience_ns = 30000000000;

/* A command of a row; the last one has none. */
struct monitor_step {
	const char *command;
	const char *arguments; /* the text of an object, or NULL */
	enum {
		PASSES = 1,   /* the descriptor goes with it */
		MIGRATES = 2, /* done when a MIGRATION event says so */
	} how;
};

/* Rows that stand for a job where QEMU or the file's name wants another. */
enum { LOAD_FILE = MONITOR_JOBS, SAVE_FILE, PICTURE_PNG, ROWS };

static const char events[] =
    "{\"capabilities\":[{\"capability\":\"events\",\"state\":true}]}";

/* QMP's commands, from qapi/ of QEMU: migrate has fd: since 1.0, which is not
 * for files since 9.1, and file: since 8.2; events since 2.4; screendump format
 * since 7.1. */
static const struct monitor_step rows[ROWS][6] = {
    [MONITOR_LOAD] = {{"migrate-set-capabilities", events, 0},
	{"getfd", "{\"fdname\":\"emu\"}", PASSES},
	{"migrate-incoming", "{\"uri\":\"fd:emu\"}", MIGRATES},
	{"cont", NULL, 0}},
    [LOAD_FILE] = {{"migrate-set-capabilities", events, 0},
	{"add-fd", "{\"fdset-id\":1}", PASSES},
	{"migrate-incoming", "{\"uri\":\"file:/dev/fdset/1\"}", MIGRATES},
	{"cont", NULL, 0}},
    [MONITOR_SAVE] = {{"migrate-set-capabilities", events, 0},
	{"stop", NULL, 0}, {"getfd", "{\"fdname\":\"emu\"}", PASSES},
	{"migrate", "{\"uri\":\"fd:emu\"}", MIGRATES}},
    [SAVE_FILE] = {{"migrate-set-capabilities", events, 0}, {"stop", NULL, 0},
	{"add-fd", "{\"fdset-id\":2}", PASSES},
	{"migrate", "{\"uri\":\"file:/dev/fdset/2\"}", MIGRATES}},
    [MONITOR_CORE] = {{"stop", NULL, 0},
	{"getfd", "{\"fdname\":\"emu\"}", PASSES},
	{"dump-guest-memory", "{\"paging\":false,\"protocol\":\"fd:emu\"}", 0}},
    [MONITOR_PICTURE] = {{"add-fd", "{\"fdset-id\":3}", PASSES},
	{"screendump", "{\"filename\":\"/dev/fdset/3\"}", 0}},
    [PICTURE_PNG] = {{"add-fd", "{\"fdset-id\":3}", PASSES},
	{"screendump", "{\"filename\":\"/dev/fdset/3\",\"format\":\"png\"}",
	    0}},
};

static const char ports_id[] = "ports", start_id[] = "start", job_id[] = "emu";

void
monitor_init(struct monitor *monitor, const struct options *options,
    struct verdict *verdict)
{
	*monitor = (struct monitor){
	    .fd = -1,
	    .verdict = verdict,
	    .paths = {[MONITOR_LOAD] = options->load,
		[MONITOR_SAVE] = options->save,
		[MONITOR_CORE] = options->core,
		[MONITOR_PICTURE] = options->picture},
	    .saved = state_none,
	    .saving = state_none,
	    .file = {.fd = -1, .dir = -1},
	    .passed = -1,
	};
}

void
monitor_open(struct monitor *monitor, char *const *argv, const char *directory)
{
	const char *load = monitor->paths[MONITOR_LOAD];
	struct reason why;

	monitor->forwards = monitor->verdict->qmp && ports_wanted(argv);
	/* Another machine's, which had the same directory. */
	fatal_if(monitor->forwards && ports_write(NULL, &why) < 0, &why);
	for (int job = 0; job < MONITOR_JOBS; job++)
		if (monitor->paths[job] != NULL && !monitor->verdict->qmp)
			fatal("-D, -P, -Z and -z need QMP: a -chardev with "
			      "fd=3");
	if (load != NULL)
		state_open(&monitor->saved, load, argv, directory);
	if (monitor->paths[MONITOR_SAVE] != NULL)
		state_begin(&monitor->saving, argv, directory);
}

/* That the emulator has closed it changes nothing. When we cannot go on,
 * though, a panic could come out as a success. */
static bool
is_closed(int error)
{
	return error == EPIPE || error == ECONNRESET;
}

static void
lose(struct monitor *monitor, int error)
{
	if (!is_closed(error))
		verdict_error(monitor->verdict, "QMP", error);
	close(monitor->fd);
	monitor->fd = -1;
}

/* Sends a command (qmp_send), if there is somebody to hear it. What the
 * emulator said before it closed its end is still to be read. */
static void
ask(struct monitor *monitor, const char *command, const char *id,
    const char *arguments, int passed)
{
	if (monitor->fd >= 0 &&
	    qmp_send(monitor->fd, command, id, arguments, passed) < 0 &&
	    !is_closed(errno))
		lose(monitor, errno);
}

void
monitor_quit(struct monitor *monitor)
{
	ask(monitor, "quit", NULL, NULL, -1);
}

bool
monitor_heeds(const struct monitor *monitor)
{
	return monitor->fd >= 0 && monitor->verdict->greeted;
}

/* The descriptor that QEMU gets. Of an fdset it takes one to write only if it
 * cannot be read. */
static int
open_for(struct monitor *monitor, enum monitor_job job)
{
	char self[32];

	if (job == MONITOR_LOAD)
		return fcntl(monitor->saved.memory, F_DUPFD_CLOEXEC, 0);
	if (job == MONITOR_SAVE)
		return fcntl(monitor->saving.memory, F_DUPFD_CLOEXEC, 0);
	if (output_file_begin(&monitor->file, monitor->paths[job]) < 0)
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", monitor->file.fd);
	return open(self, O_WRONLY | O_CLOEXEC);
}

static const struct monitor_step *
row_of(const struct monitor *monitor, enum monitor_job job)
{
	const char *path = monitor->paths[job];
	size_t len = strlen(path);

	if (job == MONITOR_PICTURE && len > 4 &&
	    strcmp(path + len - 4, ".png") == 0)
		return rows[PICTURE_PNG];
	if (monitor->file_uri && job == MONITOR_LOAD)
		return rows[LOAD_FILE];
	if (monitor->file_uri && job == MONITOR_SAVE)
		return rows[SAVE_FILE];
	return rows[job];
}

static void
ask_step(struct monitor *monitor)
{
	const struct monitor_step *step = monitor->step;

	if (step->command != NULL)
		ask(monitor, step->command, job_id, step->arguments,
		    step->how == PASSES ? monitor->passed : -1);
}

void
monitor_begin(struct monitor *monitor, enum monitor_job job, uint64_t now)
{
	struct reason why;

	if (monitor->job != MONITOR_NOTHING || monitor->paths[job] == NULL ||
	    monitor->done[job])
		return;
	monitor->done[job] = true;
	monitor->passed = open_for(monitor, job);
	if (monitor->passed < 0) {
		reason_errno(&why, "%s", monitor->paths[job]);
		verdict_left(monitor->verdict, why.text);
		return;
	}
	monitor->job = job;
	monitor->failure.text[0] = '\0';
	monitor->size = 0;
	monitor->due = now + patience_ns;
	monitor->step = row_of(monitor, job);
	ask_step(monitor);
}

static bool
has_ended(const struct monitor *monitor)
{
	return monitor->step->command == NULL ||
	       monitor->failure.text[0] != '\0';
}

/* A message while a job is being done. The states of a migration that it does
 * not leave are in qapi/migration.json. */
static void
go_on(struct monitor *monitor, const struct qmp_message *message)
{
	const struct monitor_step *step = monitor->step;
	const char *detail = message->detail;
	bool migration = step->how == MIGRATES && message->kind == QMP_EVENT &&
			 strcmp(message->name, "MIGRATION") == 0;
	bool answer = strcmp(message->name, job_id) == 0;

	if ((answer && message->kind == QMP_REFUSAL) ||
	    (migration && (strcmp(detail, "failed") == 0 ||
			      strcmp(detail, "cancelled") == 0))) {
		reason_set(
		    &monitor->failure, "%s: %.500s", step->command, detail);
	} else if (migration ? strcmp(detail, "completed") == 0
			     : answer && message->kind == QMP_ANSWER &&
				   step->how != MIGRATES) {
		monitor->step++;
		ask_step(monitor);
	}
}

/* QEMU has told which ports it forwards. */
static void
take_ports(struct monitor *monitor, const struct qmp_message *message)
{
	const char *text =
	    json_string_value(json_object_get(message->value, "return"));
	struct reason why;

	if (monitor->ports != NULL || text == NULL)
		return;
	monitor->ports = ports_parse(text);
	if (monitor->ports == NULL)
		verdict_error(monitor->verdict, "memory", ENOMEM);
	else if (ports_write(monitor->ports, &why) < 0)
		verdict_error(monitor->verdict, why.text, 0);
}

/* A state has to be of this version. */
static void
take_version(struct monitor *monitor, json_t *greeting)
{
	int major = 0, minor = 0, micro = 0;
	char version[40];
	struct reason why;

	/* A greeting without its version is of none that is known. */
	json_unpack(greeting, "{s:{s:{s:{s:i, s:i, s:i}}}}", "QMP", "version",
	    "qemu", "major", &major, "minor", &minor, "micro", &micro);
	snprintf(version, sizeof(version), "%d.%d.%d", major, minor, micro);
	monitor->file_uri = major > 9 || (major == 9 && minor >= 1);
	if (state_note_version(&monitor->saved, version, &why) < 0 ||
	    state_note_version(&monitor->saving, version, &why) < 0)
		verdict_error(monitor->verdict, why.text, 0);
}

static void
greet(struct monitor *monitor, json_t *greeting)
{
	ask(monitor, "qmp_capabilities", NULL, NULL, -1);
	/* Whether the guest runs already. */
	ask(monitor, "query-status", NULL, NULL, -1);
	if (monitor->forwards)
		ask(monitor, "human-monitor-command", ports_id,
		    "{\"command-line\":\"info usernet\"}", -1);
	/* A panic has to leave the machine there. Before 6.0 QEMU has no such
	 * command, and ends after a panic. */
	if (monitor->paths[MONITOR_CORE] != NULL ||
	    monitor->paths[MONITOR_PICTURE] != NULL)
		ask(monitor, "set-action", "panic", "{\"panic\":\"pause\"}",
		    -1);
	take_version(monitor, greeting);
	if (monitor->verdict->held)
		ask(monitor, "cont", start_id, NULL, -1);
}

static void
take_message(struct monitor *monitor, const struct qmp_message *message)
{
	const char *name = message->name;

	verdict_message(monitor->verdict, message);
	if (message->kind == QMP_GREETING)
		greet(monitor, message->value);
	else if (message->kind == QMP_EVENT && strcmp(name, "STOP") == 0)
		ask(monitor, "query-status", NULL, NULL, -1);
	else if (message->kind == QMP_ANSWER && strcmp(name, ports_id) == 0)
		take_ports(monitor, message);
	else if (message->kind == QMP_REFUSAL && strcmp(name, start_id) == 0)
		verdict_unstarted(monitor->verdict, message->detail);
	if (monitor->job != MONITOR_NOTHING && !has_ended(monitor))
		go_on(monitor, message);
}

void
monitor_take(struct monitor *monitor)
{
	struct qmp_message message;
	char bytes[4096];

	while (monitor->fd >= 0) {
		ssize_t n = read(monitor->fd, bytes, sizeof(bytes));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		int error = n == 0 ? EPIPE : errno;
		if (qmp_take(&monitor->qmp, bytes, n > 0 ? (size_t)n : 0) < 0)
			error = ENOMEM, n = -1;
		while (qmp_next(&monitor->qmp, &message))
			take_message(monitor, &message);
		if (n <= 0 && monitor->fd >= 0)
			lose(monitor, error);
	}
}

/* Whether QEMU has written nothing for too long. */
static bool
is_stuck(struct monitor *monitor, uint64_t now)
{
	struct stat st = {0};

	if (now < monitor->due)
		return false;
	monitor->due = now + patience_ns;
	if (fstat(monitor->passed, &st) < 0 ||
	    (uint64_t)st.st_size <= monitor->size)
		return true;
	monitor->size = (uint64_t)st.st_size;
	return false;
}

/* Gives what was written its name. */
static int
finish_job(struct monitor *monitor, struct reason *why)
{
	const char *path = monitor->paths[monitor->job];
	const char *failure = monitor->failure.text;

	if (failure[0] != '\0' || !has_ended(monitor))
		return reason_set(why, "%s: %s", path,
		    failure[0] != '\0' ? failure : "QEMU did not finish it");
	if (monitor->file.fd >= 0 && whole_file_replace(&monitor->file) < 0)
		return reason_errno(why, "%s", path);
	return 0;
}

void
monitor_end(struct monitor *monitor)
{
	struct reason why;

	if (monitor->job == MONITOR_NOTHING)
		return;
	if (finish_job(monitor, &why) < 0) {
		verdict_left(monitor->verdict, why.text);
	} else if (monitor->job == MONITOR_SAVE) {
		monitor->has_saved = true;
		verdict_stop(monitor->verdict, CAUSE_EXIT, 0, "%s", "");
	}
	monitor->job = MONITOR_NOTHING;
	close(monitor->passed);
	if (monitor->file.fd >= 0) {
		whole_file_close(&monitor->file);
		close(monitor->file.dir);
	}
}

void
monitor_look(struct monitor *monitor, uint64_t now)
{
	if (monitor->job != MONITOR_NOTHING && monitor->fd >= 0 &&
	    (has_ended(monitor) || is_stuck(monitor, now)))
		monitor_end(monitor);
}
