/* Runs an emulator and watches over it: what comes out of stdout is its serial
 * line, exactly, and how it ended is in the exit status and the record. */
#include "machine.h"
#include "notice.h"
#include "options.h"
#include "report.h"
#include "stdio_guard.h"
#include "words.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_ERROR = 125 };

/* A record of an earlier run would be a lie if we were killed. */
static void
remove_record(const char *file)
{
	struct stat st;

	if (file == NULL || stat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (lstat(file, &st) == 0 && S_ISREG(st.st_mode))
		unlink(file);
	else if (truncate(file, 0) < 0)
		notice("%s: %s", file, strerror(errno));
}

static uint64_t
since(const struct machine *m, uint64_t at)
{
	return at == UINT64_MAX ? at : at - m->started_at;
}

/* What goes to stderr at the end: nothing when all went well. */
static void
tell(const struct machine *m, uint64_t undelivered)
{
	if (m->verdict.why.text[0] != '\0')
		notice("%s", m->verdict.why.text);
	if (undelivered > 0 && m->out.stream.fd >= 0)
		notice("<stdout>: took no more: %" PRIu64
		       " bytes were not delivered",
		    undelivered);
}

static int
write_record(const struct machine *m, char *const *argv)
{
	enum { ERRORS_KEPT = 65536 };
	struct reason why;
	struct report report = {
	    .argv = argv,
	    .cwd = m->place.path,
	    .verdict = &m->verdict,
	    .started = m->ended,
	    .wait_status = m->wait_status,
	    .usage = m->usage,
	    .start = m->start,
	    .first_byte = since(m, m->first_byte),
	    .last_byte = since(m, m->last_byte),
	    .end = since(m, m->ended_at),
	    .bytes_out = m->line.total + m->line.dropped,
	    .bytes_in = m->feed.sent,
	    .undelivered = machine_undelivered(m),
	};
	char *errors = malloc(ERRORS_KEPT);

	if (errors != NULL)
		report.errors_len = line_tail(&m->errors, errors, ERRORS_KEPT);
	report.errors = errors;
	int result = report_write(&report, m->options->record, &why);
	free(errors);
	if (result < 0) {
		notice("%s", why.text);
		/* What may be there says otherwise than our status. */
		remove_record(m->options->record);
	}
	return result;
}

/* Finds the words and the place, and runs. Returns the status to exit with. */
static int
run(struct machine *m)
{
	const struct options *options = m->options;
	bool from_stdin = options->argv == NULL && options->words == NULL;
	char *const *argv = options->argv;
	struct words words = {0};
	struct reason why;

	int result =
	    argv != NULL ? 0 : words_read(&words, options->words, &why);
	if (argv == NULL && result == 0)
		argv = words.list;
	if (result == 0)
		result = machine_open(m, from_stdin, &why);
	if (result == 0)
		machine_run(m, argv);
	else
		verdict_decide(
		    &m->verdict, CAUSE_ERROR, STATUS_ERROR, "%s", why.text);
	if (machine_leave(m, &why) < 0)
		verdict_left(&m->verdict, &why);
	tell(m, machine_undelivered(m));
	int status = m->verdict.status;
	if (options->record != NULL && write_record(m, argv) < 0)
		status = STATUS_ERROR;
	words_free(&words);
	return status;
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

int
main(int argc, char *argv[])
{
	struct options options;
	struct machine machine;
	struct reason why;

	if (stdio_guard_output(&why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	options_parse(&options, argc, argv);
	remove_record(options.record);
	machine_init(&machine, &options);
	int status = run(&machine);
	int interrupted = machine.interrupted;
	machine_close(&machine);
	if (interrupted == SIGINT)
		die_of(interrupted);
	return status;
}
