/* emu-cast: copies stdin to stdout, and records it beside as an asciicast v2
 * file that asciinema plays. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "cast.h"
#include "clock.h"
#include "output_file.h"
#include "reason.h"
#include "record.h"
#include "stdio_guard.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_READER = 123, STATUS_ERROR = 125 };

const int fatal_status = STATUS_ERROR;

struct options {
	unsigned columns, rows;
	const char *title;
	const char *record;
	const char *file;
};

static int
take_size(void *into, char letter, struct reason *why)
{
	struct options *o = into;
	int end = 0;

	(void)letter;
	if (optarg[strspn(optarg, "0123456789x")] == '\0' &&
	    sscanf(optarg, "%4ux%4u%n", &o->columns, &o->rows, &end) == 2 &&
	    optarg[end] == '\0' && o->columns > 0 && o->rows > 0)
		return 0;
	return reason_set(why, "not a size like 80x24: %s", optarg);
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'o', "file.cast", "record to this file", AT(file)},
    {'r', "record",
	"exit with the status of this record of emu-spawn if it failed",
	AT(record)},
    {'s', "colsxrows", "the size of the terminal (default: 80x24)",
	.take = take_size},
    {'t', "title", "the title of the recording", AT(title)},
    {0},
};

static const struct usage usage = {"emu-cast",
    "[-r record] [-s colsxrows] [-t title] -o file.cast", option_table};

static void
parse_options(struct options *options, int argc, char *argv[])
{
	usage_parse(&usage, argc, argv, options);
	if (optind < argc)
		usage_wrong(&usage, "%s: unexpected operand", argv[optind]);
	if (options->file == NULL)
		usage_wrong(&usage, "no -o file.cast");
}

static int
failed_output(void)
{
	int status = errno == EPIPE ? STATUS_READER : STATUS_ERROR;

	warn("<stdout>");
	return status;
}

/* Waits until stdin has something to read, or stdout's reader is gone: a pipe
 * tells by POLLERR, a socket by POLLHUP. Returns 0 or a status. */
static int
wait_input(void)
{
	struct pollfd fds[] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = STDOUT_FILENO, .events = 0},
	};

	while (poll(fds, 2, -1) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			err(STATUS_ERROR, "poll");
	}
	if ((fds[1].revents & (POLLERR | POLLHUP)) == 0)
		return 0;
	errno = EPIPE;
	return failed_output();
}

/* Somebody who shares stdout may have made it non-blocking. */
static void
wait_output(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	poll(&fd, 1, -1);
}

/* Returns 0 or a status. */
static int
write_all(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EAGAIN)
			wait_output();
		else if (n < 0 && errno != EINTR)
			return failed_output();
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Records the bytes at once. A recording that failed is told of, closed and
 * NULL from then on. Returns how many bytes are left for the next call. */
static size_t
record(FILE **out, const char *file, uint64_t time, const char *bytes,
    size_t len, bool last)
{
	if (*out == NULL)
		return 0;
	size_t left = cast_write(*out, time, bytes, len, last);
	if (fflush(*out) == 0 && !ferror(*out))
		return left;
	warn("%s", file);
	fclose(*out);
	*out = NULL;
	return 0;
}

/* Copies stdin to stdout, each piece as soon as it is there, and records it.
 * Copying goes on without a recording. Returns 0 or a status. */
static int
copy(FILE **out, const char *file)
{
	char bytes[16384];
	uint64_t start = clock_now(), time = 0;
	size_t left = 0;
	ssize_t n = 1;
	int status = 0;

	while (n != 0 && status == 0 && (status = wait_input()) == 0) {
		n = read(STDIN_FILENO, bytes + left, sizeof(bytes) - left);
		time = clock_now() - start;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			warn("<stdin>");
			status = STATUS_ERROR;
		}
		if (n <= 0)
			continue;
		size_t len = left + (size_t)n;
		status = write_all(bytes + left, (size_t)n);
		left = record(out, file, time, bytes, len, false);
		memmove(bytes, bytes + len - left, left);
	}
	record(out, file, time, bytes, left, true);
	return status;
}

/* Copies and records. Returns our own verdict. */
static int
run(const struct options *options, FILE *out)
{
	struct reason why = {""};

	cast_start(
	    out, options->columns, options->rows, time(NULL), options->title);
	int status = copy(&out, options->file);
	if (out == NULL || fclose(out) != 0) {
		if (out != NULL)
			warn("%s", options->file);
		if (status == 0)
			status = STATUS_ERROR;
	}
	if (status != STATUS_READER && stdio_finish(&why) < 0) {
		warnx("%s", why.text);
		status = STATUS_ERROR;
	}
	return status;
}

/* What emu-spawn's record makes of our verdict. */
static int
judge(const char *file, int own)
{
	struct reason why = {""};
	struct record record;

	if (record_read(file, &record, &why) < 0) {
		warnx("%s", why.text);
		return STATUS_ERROR;
	}
	return record_verdict(&record, own);
}

int
main(int argc, char *argv[])
{
	struct options options = {.columns = 80, .rows = 24};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	json_memory_guard();
	parse_options(&options, argc, argv);
	sigaction(SIGPIPE, &ignore, NULL); /* EPIPE is status 123 */
	int fd = output_file_open(options.file, &why);
	if (fd < 0)
		errx(STATUS_ERROR, "%s", why.text);
	FILE *out = fdopen(fd, "w");
	if (out == NULL)
		err(STATUS_ERROR, "%s", options.file);
	int status = run(&options, out);
	if (options.record != NULL && status != STATUS_READER)
		status = judge(options.record, status);
	return status;
}
