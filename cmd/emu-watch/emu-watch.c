/* emu-watch: copies a guest's serial line from stdin to stdout and ends when
 * the words on it say so: see emu-watch(1). */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "duration.h"
#include "findings.h"
#include "loop.h"
#include "matcher.h"
#include "outcome.h"
#include "pattern.h"
#include "reason.h"
#include "record.h"
#include "stdio_guard.h"

#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	STATUS_ERROR = 125,
	GRACE = 2, /* seconds */
};
const int fatal_status = STATUS_ERROR;

struct options {
	struct patterns patterns;
	bool success_wanted;
	bool raw;
	uint64_t wanted; /* match of a success */
	uint64_t total;  /* nanoseconds; 0: no limit */
	uint64_t silence;
	uint64_t grace;
	const char *run_record; /* emu-spawn's */
	const char *record;     /* ours */
};

static int
take_count(void *into, char letter, struct reason *why)
{
	uint64_t *count = into;
	char *end;

	(void)letter;
	*count = strtoul(optarg, &end, 10);
	if (optarg[0] < '1' || optarg[0] > '9' || *end != '\0' ||
	    *count > 1000000)
		return reason_set(
		    why, "not a number from 1 to 1000000: %s", optarg);
	return 0;
}

static void
scale_times(struct options *o)
{
	struct reason why = {""};
	double scale;

	fatal_if(duration_scale(&scale, &why) < 0, &why);
	o->grace = duration_scaled(o->grace, scale);
	o->silence = duration_scaled(o->silence, scale);
	o->total = duration_scaled(o->total, scale);
}

static int
take_pattern(void *into, char letter, struct reason *why)
{
	struct options *o = into;

	(void)why;
	o->success_wanted |= letter == 's';
	if (letter == 'f' && optarg[0] == '@')
		patterns_add_set(&o->patterns, optarg + 1);
	else
		patterns_add(&o->patterns, letter, optarg);
	return 0;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'R', NULL, "do not remove control characters and time stamps", AT(raw)},
    {'f', "regex",
	"a pattern of failure; @set: a set of them (@linux, @./file)",
	.take = take_pattern},
    {'g', "time", "wait this long for the rest of a report (2s)", AT(grace),
	USAGE_TIME},
    {'n', "number", "the number of the match of -s that counts (1)", AT(wanted),
	.take = take_count},
    {'o', "record", "write the verdict and the matches to this file, as JSON",
	AT(record)},
    {'q', "time", "end after this time without input", AT(silence), USAGE_TIME},
    {'r', "record",
	"exit with the status of this record of emu-spawn if it failed",
	AT(run_record)},
    {'s', "regex", "a pattern of success", .take = take_pattern},
    {'t', "time", "end after this time without a verdict", AT(total),
	USAGE_TIME},
    {0},
};

static const struct usage usage = {
    .command = "emu-watch",
    .synopsis = "[-R] [-f regex | @set] [-g time] [-n number] [-o record]\n"
		"                 [-q time] [-r record] [-s regex] [-t time]",
    .options = option_table,
};

static void
parse(int argc, char *argv[], struct options *o)
{
	usage_parse(&usage, argc, argv, o);
	if (optind < argc)
		usage_wrong(&usage, "%s: unexpected operand", argv[optind]);
	scale_times(o);
}

/* Lets emu-spawn's record decide. */
static void
heed_record(struct outcome *outcome, const char *file)
{
	struct record record;
	struct reason why = {""};

	if (record_read(file, &record, &why) < 0) {
		warnx("%s", why.text);
		outcome->status = STATUS_ERROR;
		outcome->cause = "error";
		return;
	}
	int status = record_verdict(&record, outcome->status);
	if (status == outcome->status)
		return;
	warnx("%s: %s, status %d", file, record.cause, status);
	outcome->status = status;
	outcome->cause = "run";
}

static void
decide(struct outcome *outcome, enum loop_end end, const struct options *o)
{
	struct reason line = {""};

	outcome_decide(outcome, end, o->success_wanted, &line);
	for (size_t i = 0; i < o->patterns.count; i++) {
		struct reason note = {""};

		if (outcome_note(outcome, i, &note))
			warnx("%s", note.text);
	}
	if (line.text[0] != '\0')
		warnx("%s", line.text);
	if (end == LOOP_EOF && o->run_record != NULL)
		heed_record(outcome, o->run_record);
}

/* Writes the record also when the process ends by fatal(). */
static void
write_record(void *context)
{
	struct outcome *outcome = context;
	struct reason why;

	if (outcome->record == NULL || outcome_write(outcome, &why) == 0)
		return;
	warnx("%s", why.text);
	outcome->status = STATUS_ERROR;
}

static int
run(const struct options *o)
{
	struct matcher matcher;
	struct findings findings = {.matcher = &matcher};
	struct loop loop = {.matcher = &matcher,
	    .findings = &findings,
	    .total = o->total,
	    .silence = o->silence};
	struct outcome outcome = {
	    &loop, &findings, o->record, "error", STATUS_ERROR};

	fatal_undo(write_record, &outcome);
	matcher_init(&matcher, &o->patterns, o->raw);
	findings_init(&findings, &matcher, o->grace, o->wanted);
	decide(&outcome, loop_run(&loop), o);
	write_record(&outcome);
	findings_free(&findings);
	matcher_free(&matcher);
	return outcome.status;
}

int
main(int argc, char *argv[])
{
	struct options options = {
	    .grace = UINT64_C(1000000000) * GRACE, .wanted = 1};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct reason why = {""};

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	parse(argc, argv, &options);
	sigaction(SIGPIPE, &ignore, NULL);
	int status = run(&options);
	patterns_free(&options.patterns);
	return status;
}
