/* Runs an emulator and watches over it: what comes out of stdout is its serial
 * line, exactly, and how it ended is in the exit status and the record. */
#include "../fatal.h"
#include "../json_memory.h"
#include "loop.h"
#include "options.h"
#include "output_file.h"
#include "ports.h"
#include "run.h"
#include "run_record.h"
#include "stdio_guard.h"
#include "trouble.h"

#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const int fatal_status = 125;

enum { ERRORS_SHOWN = 2048 };

/* A record of an earlier run would be a lie if we were killed. */
static void
remove_record(const char *file)
{
	struct reason why;

	if (file != NULL && output_file_remove(file, &why) < 0)
		warnx("%s", why.text);
}

/* The machine has ended by itself. */
static void
judge_command(struct run *run)
{
	const struct command_port *port = &run->port;
	const struct line *lines = run->output.lines;

	if (port->state != COMMAND_ENDED && run->verdict.ran)
		verdict_error(&run->verdict,
		    "the machine ended without the status of its command", 0);
	else if (port->state == COMMAND_ENDED &&
		 (lines[OUTPUT_COMMAND_OUT].total < port->out ||
		     lines[OUTPUT_COMMAND_ERR].total < port->err))
		verdict_error(&run->verdict,
		    "the machine ended before all that its command wrote had "
		    "come",
		    0);
	else if (port->state == COMMAND_ENDED)
		verdict_stop(&run->verdict, CAUSE_EXIT, port->status, "%s", "");
}

/* What was wanted of the machine and did not come to be. */
static void
judge_monitor(struct run *run)
{
	const char *save = run->options->save;
	struct reason why;

	monitor_end(&run->monitor);
	if (save == NULL || run->verdict.status != 0 || run->monitor.has_saved)
		return;
	reason_set(&why, "%s: the machine ended before it was saved", save);
	verdict_left(&run->verdict, why.text);
}

/* The emulator has ended and everything is delivered: makes the verdict
 * final. */
static void
judge(struct run *run)
{
	char errors[ERRORS_SHOWN + 1], holder[200];
	struct verdict *verdict = &run->verdict;

	errors[line_tail(
	    &run->output.lines[OUTPUT_ERRORS], errors, ERRORS_SHOWN)] = '\0';
	if (run->has_ports && verdict->cause == CAUSE_NONE)
		judge_command(run);
	verdict_end(verdict, run->wait_status,
	    run->output.first_byte != UINT64_MAX, errors);
	if ((verdict->cause == CAUSE_EXIT || verdict->cause == CAUSE_START) &&
	    verdict->status != 0) {
		trouble_holder(errors, holder, sizeof(holder));
		verdict_explain(verdict, holder);
	}
	if (verdict->status == 0 && run->dialog_status > 0)
		verdict_command(verdict, run->dialog_status);
	if (verdict->status != 0 && WIFSIGNALED(run->wait_status) &&
	    WTERMSIG(run->wait_status) == SIGKILL && !run->killed &&
	    trouble_oom_kills() > run->oom_kills)
		verdict_explain(verdict,
		    "the kernel killed it: the memory of its cgroup ran out");
	if (verdict->cause == CAUSE_START)
		verdict_explain(verdict, run->helpers.failure.text);
	judge_monitor(run);
	if (verdict->status != 0 && run->input.early && !run->has_ports)
		verdict_explain(verdict, "input was sent before the guest's "
					 "first byte (-W holds it)");
	if (verdict->status == 0 && run->options->save != NULL)
		state_finish(&run->monitor.saving);
}

/* Puts everything back that others see: terminal, socket, directories. What
 * fails of that is recorded. */
static void
leave(struct run *run)
{
	struct leased_dir *const dirs[] = {
	    &run->monitor.saving.new, &run->lease};
	struct verdict *verdict = &run->verdict;
	struct reason why;

	helpers_end(&run->helpers);
	console_leave(&run->input.console);
	if (run->monitor.ports != NULL && ports_write(NULL, &why) < 0)
		verdict_left(verdict, why.text);
	clients_leave(&run->clients);
	if (run->guard.pid > 0 && children_bury(&run->rest, &why) < 0)
		verdict_left(verdict, why.text);
	/* A state that was saved has another name. */
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (dirs[i]->lease >= 0 && leased_dir_remove(dirs[i], &why) < 0)
			verdict_left(verdict, why.text);
	/* It goes while the record is written. */
	guard_dismiss(&run->guard);
}

/* The end of the kernel's console, when it has something to do with the end:
 * the command's own status needs no explanation. */
static void
show_console(const struct run *run)
{
	char text[3072];
	size_t len =
	    line_tail(&run->output.lines[OUTPUT_SERIAL], text, sizeof(text));
	const char *newline = memchr(text, '\n', len);
	/* A line that the tail cut off is left out. */
	bool cut = len == sizeof(text) && newline != NULL;
	size_t from = cut ? (size_t)(newline + 1 - text) : 0;

	if (run->has_ports && run->verdict.status != 0 &&
	    run->port.state != COMMAND_ENDED && len > 0)
		warnx("the end of the console:\n%.*s", (int)(len - from),
		    text + from);
}

/* What goes to stderr at the end: nothing when all went well. */
static void
tell(const struct run *run)
{
	uint64_t undelivered = output_undelivered(&run->output);

	show_console(run);
	if (run->verdict.why.text[0] != '\0')
		warnx("%s", run->verdict.why.text);
	if (undelivered > 0 &&
	    run->output.shown->sinks[SINK_OUT].stream.fd >= 0)
		warnx("<stdout>: %" PRIu64 " bytes were not delivered",
		    undelivered);
}

/* Returns the status to exit with. */
static int
write_record(const struct run *run)
{
	const char *record = run->options->record;
	struct reason why;

	if (record == NULL || run_record_write(run, &why) == 0)
		return run->verdict.status;
	warnx("%s", why.text);
	/* What may be there says otherwise than our status. */
	remove_record(record);
	return fatal_status;
}

/* Shells stop a loop only when the command died of SIGINT. */
static void
die_of(int number)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigaction(number, &standard, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

static _Noreturn void
finish(struct run *run)
{
	leave(run);
	tell(run);
	int status = write_record(run);
	guard_close(&run->guard);
	if (run->interrupted == SIGINT)
		die_of(SIGINT);
	/* The run is on the stack: nothing of it is lost before that. */
	exit(status);
}

/* The end by fatal(), which wants a record too. */
static void
give_up(void *context, const char *message)
{
	run_fail(context, message);
	finish(context);
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct run run;
	struct reason why;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	options_parse(&options, argc, argv);
	remove_record(options.record);
	run_init(&run, &options);
	fatal_finish(give_up, &run);
	json_memory_guard();
	run_begin(&run);
	loop_run(&run);
	judge(&run);
	finish(&run);
}
