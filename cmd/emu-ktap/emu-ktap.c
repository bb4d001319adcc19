/* emu-ktap: turns the test results on a guest's serial line into TAP or JUnit
 * XML: see emu-ktap(1). */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "junit.h"
#include "log_line.h"
#include "parser.h"
#include "reason.h"
#include "record.h"
#include "stdio_guard.h"
#include "tap.h"
#include "test.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_ERROR = 125, STATUS_NO_RESULTS = 2 };
const int fatal_status = STATUS_ERROR;

struct options {
	bool junit;
	const char *record;
};

/* The kernel's lines and all others, each with its own nesting. */
struct ktap {
	struct tests tests;
	struct test *root;
	struct parser kernel;
	struct parser user;
};

static const struct usage_option option_table[] = {
    {'J', NULL, "print JUnit XML in place of TAP",
	.at = offsetof(struct options, junit)},
    {'r', "record",
	"exit with the status of this record of emu-spawn if it failed",
	.at = offsetof(struct options, record)},
    {0},
};

static const struct usage usage = {
    "emu-ktap", "[-J] [-r record]", option_table};

static void
take(void *context, const struct log_line *line)
{
	struct ktap *k = context;
	bool stamped = line->time >= 0;

	parser_line(stamped ? &k->kernel : &k->user, line);
	if (line_kind_of(line->text, line->len, NULL) == LINE_NOISE)
		parser_noise(stamped ? &k->user : &k->kernel, line);
}

static void
read_all(struct log_lines *lines, struct ktap *k)
{
	char buffer[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fatal_errno("<stdin>");
		log_lines_feed(lines, buffer, (size_t)n);
	}
	log_lines_end(lines);
	parser_end(&k->kernel);
	parser_end(&k->user);
}

/* Adds to what was read what is wrong beyond it. */
static void
add_broken(struct ktap *k, const char *text)
{
	struct test *t = test_new(&k->tests, text, strlen(text));

	t->result = RESULT_BROKEN;
	if (k->root->last == NULL)
		test_append(k->root, test_new(&k->tests, "", 0));
	test_append(k->root->last, t);
}

/* Returns emu-spawn's status when it is the verdict, else 0. */
static int
run_verdict(struct ktap *k, const char *file)
{
	struct record record;
	struct reason why = {""};
	int status = STATUS_ERROR;

	if (record_read(file, &record, &why) < 0) {
		warnx("%s", why.text);
	} else {
		status = record_verdict(&record, 0);
		reason_set(&why, "%s: %s, status %d", file, record.cause,
		    record.status);
	}
	if (status != 0)
		add_broken(k, why.text);
	return status;
}

/* The verdict of the tests alone. */
static int
judge(struct ktap *k)
{
	const struct tests *tests = &k->tests;

	test_judge(&k->tests, k->root);
	if (tests->count[RESULT_FAIL] + tests->count[RESULT_ERROR] > 0)
		return 1;
	if (tests->count[RESULT_BROKEN] > 0 || k->root->is_bad)
		return STATUS_NO_RESULTS;
	return 0;
}

static int
finish(struct ktap *k, const struct options *o)
{
	struct reason why = {""};
	int run = 0;

	if (k->root->first == NULL) {
		warnx("<stdin>: no test results");
		add_broken(k, "no test results");
	}
	if (o->record != NULL)
		run = run_verdict(k, o->record);
	int status = judge(k);
	if (o->junit)
		junit_write(stdout, k->root);
	else
		tap_write(stdout, k->root);
	fatal_if(stdio_finish(&why) < 0, &why);
	return run != 0 ? run : status;
}

int
main(int argc, char *argv[])
{
	static const struct ktap empty;
	struct options options = {0};
	struct ktap ktap = empty;
	struct log_lines lines;
	struct reason why = {""};

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	usage_parse(&usage, argc, argv, &options);
	if (optind < argc)
		usage_wrong(&usage, "%s: unexpected operand", argv[optind]);
	ktap.root = test_new(&ktap.tests, "", 0);
	parser_init(&ktap.kernel, &ktap.tests, ktap.root);
	parser_init(&ktap.user, &ktap.tests, ktap.root);
	log_lines_init(&lines, take, &ktap);
	read_all(&lines, &ktap);
	int status = finish(&ktap, &options);
	test_free(ktap.root);
	return status;
}
