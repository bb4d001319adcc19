/* Runs an emulator and watches over it: what comes out of stdout is its serial
 * line, exactly, and how it ended is in the exit status and the record. */
#include "../fatal.h"
#include "loop.h"
#include "options.h"
#include "output_file.h"
#include "run.h"
#include "run_record.h"
#include "stdio_guard.h"

#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const int fatal_status = 125;

/* A record of an earlier run would be a lie if we were killed. */
static void
remove_record(const char *file)
{
	struct reason why;

	if (file != NULL && output_file_remove(file, &why) < 0)
		warnx("%s", why.text);
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
	run_leave(run);
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
	run_begin(&run);
	loop_run(&run);
	run_judge(&run);
	finish(&run);
}
