/* emu-tally: the records of many runs to TAP, a table or a page. */
#include "groups.h"
#include "page.h"
#include "runs.h"
#include "stdio_guard.h"
#include "table.h"
#include "tap.h"
#include "usage.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

enum { STATUS_FAILED = 1, STATUS_NONE = 2, STATUS_ERROR = 125 };

static const struct usage_option option_table[] = {
    {'H', NULL, "print a page of HTML"},
    {'n', "names", "a file of the names that were to run, one a line"},
    {'t', NULL, "print a table by cause"},
    {0},
};

static const struct usage usage = {
    .command = "emu-tally",
    .synopsis = "[-n names] [-H | -t] record ...",
    .options = option_table,
    .wrong = STATUS_ERROR,
    .failed = STATUS_ERROR,
};

struct options {
	const char *names; /* -n, or NULL */
	bool page, table;
};

static void
parse_options(struct options *options, int argc, char *argv[])
{
	int c;

	while ((c = usage_next(&usage, argc, argv)) != -1) {
		switch (c) {
		case 'H':
			options->page = true;
			break;
		case 'n':
			options->names = optarg;
			break;
		case 't':
			options->table = true;
			break;
		default:
			exit(usage_answer(&usage, c, argv, stdout, stderr));
		}
	}
	if (options->page && options->table)
		exit(usage_wrong(
		    &usage, stderr, "-H and -t exclude each other"));
	if (optind == argc && options->names == NULL)
		exit(usage_wrong(&usage, stderr, "no record"));
}

static int
print(
    const struct options *options, const struct runs *runs, struct reason *why)
{
	struct groups groups;
	int result = groups_make(&groups, runs, why);

	if (result == 0 && options->page)
		page_print(&groups, stdout);
	else if (result == 0 && options->table)
		table_print(&groups, stdout);
	else if (result == 0)
		tap_print(runs, stdout);
	groups_free(&groups);
	return result == 0 ? stdio_finish(why) : -1;
}

static int
status_of(const struct runs *runs)
{
	size_t passed = 0, whole = 0;

	for (size_t i = 0; i < runs->count; i++) {
		passed += runs->list[i].passed;
		whole += runs->list[i].whole;
	}
	if (whole == 0)
		return STATUS_NONE;
	return passed == runs->count ? 0 : STATUS_FAILED;
}

int
main(int argc, char *argv[])
{
	struct options options = {0};
	struct runs runs;
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	parse_options(&options, argc, argv);
	if (runs_read(&runs, argv + optind, &why) < 0 ||
	    (options.names != NULL &&
		runs_order(&runs, options.names, &why) < 0) ||
	    print(&options, &runs, &why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	int status = status_of(&runs);
	runs_free(&runs);
	return status;
}
