/* emu-watch: copies a guest's serial line from stdin to stdout and ends when
 * the words on it say so: see emu-watch(1). */
#include "duration.h"
#include "loop.h"
#include "matcher.h"
#include "outcome.h"
#include "pattern.h"
#include "reason.h"
#include "record.h"
#include "stdio_guard.h"
#include "verdict.h"

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

static _Noreturn void
usage(void)
{
	fprintf(stderr,
	    "usage: emu-watch [-R] [-f regex | @set] [-g time] [-n number] "
	    "[-o record]\n"
	    "                 [-q time] [-r record] [-s regex] [-t time]\n");
	exit(STATUS_ERROR);
}

static uint64_t
duration(int letter, const char *text)
{
	uint64_t value;

	if (duration_parse(text, &value) < 0) {
		warnx("-%c: not a duration: %s", letter, text);
		usage();
	}
	return value;
}

static uint64_t
count(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '1' || text[0] > '9' || *end != '\0' || n > 1000000) {
		warnx("-n: not a number from 1 to 1000000: %s", text);
		usage();
	}
	return n;
}

static void
scale_times(struct options *o)
{
	struct reason why = {""};
	double scale;

	if (duration_scale(&scale, &why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	o->grace = duration_scaled(o->grace, scale);
	o->silence = duration_scaled(o->silence, scale);
	o->total = duration_scaled(o->total, scale);
}

static void
add_pattern(struct options *o, int letter, const char *text)
{
	struct reason why = {""};
	int r;

	if (letter == 's') {
		o->success_wanted = true;
		r = patterns_add(&o->patterns, text, SEVERITY_SUCCESS, &why);
	} else if (text[0] == '@') {
		r = patterns_add_set(&o->patterns, text + 1, &why);
		if (r < 0)
			errx(STATUS_ERROR, "%s", why.text);
	} else {
		r = patterns_add(&o->patterns, text, SEVERITY_FATAL, &why);
	}
	if (r < 0)
		errx(STATUS_ERROR, "-%c: %s", letter, why.text);
}

static void
parse(int argc, char *argv[], struct options *o)
{
	struct reason why = {""};
	int c;

	while ((c = getopt(argc, argv, "Rf:g:n:o:q:r:s:t:V")) != -1) {
		switch (c) {
		case 'R':
			o->raw = true;
			break;
		case 'f':
		case 's':
			add_pattern(o, c, optarg);
			break;
		case 'g':
			o->grace = duration(c, optarg);
			break;
		case 'n':
			o->wanted = count(optarg);
			break;
		case 'o':
			o->record = optarg;
			break;
		case 'q':
			o->silence = duration(c, optarg);
			break;
		case 'r':
			o->run_record = optarg;
			break;
		case 't':
			o->total = duration(c, optarg);
			break;
		case 'V':
			if (stdio_line("emu-watch " VERSION, &why) < 0)
				errx(STATUS_ERROR, "%s", why.text);
			exit(0);
		default:
			usage();
		}
	}
	if (optind < argc) {
		warnx("%s: unexpected operand", argv[optind]);
		usage();
	}
	scale_times(o);
}

/* Lets emu-spawn's record decide. */
static void
run_verdict(struct outcome *outcome, const char *file)
{
	struct record record;
	struct reason why = {""};

	if (record_read(file, &record, &why) < 0) {
		warnx("%s", why.text);
		outcome->status = STATUS_ERROR;
		outcome->cause = "error";
		return;
	}
	int verdict = record_verdict(&record, outcome->status);
	if (verdict == outcome->status)
		return;
	warnx("%s: %s, status %d", file, record.cause, verdict);
	outcome->status = verdict;
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
		run_verdict(outcome, o->run_record);
}

static int
watch(const struct options *o, struct patterns *patterns)
{
	struct matcher matcher = {0};
	struct verdict verdict = {0};
	struct loop loop = {.matcher = &matcher,
	    .verdict = &verdict,
	    .total = o->total,
	    .silence = o->silence};
	struct outcome outcome = {&loop, &verdict, "error", STATUS_ERROR};
	struct reason why = {""};
	int end = -1;

	if (matcher_init(&matcher, patterns, o->raw, &why) == 0 &&
	    verdict_init(&verdict, &matcher, o->grace, o->wanted, &why) == 0)
		end = loop_run(&loop, &why);
	if (end < 0)
		warnx("%s", why.text);
	else
		decide(&outcome, (enum loop_end)end, o);
	if (o->record != NULL && outcome_write(&outcome, o->record, &why) < 0) {
		warnx("%s", why.text);
		outcome.status = STATUS_ERROR;
	}
	verdict_free(&verdict);
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

	if (stdio_guard_output(&why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	parse(argc, argv, &options);
	sigaction(SIGPIPE, &ignore, NULL);
	int status = watch(&options, &options.patterns);
	patterns_free(&options.patterns);
	return status;
}
