/* call FUNCTION ARG...: calls a function of common/ and prints what it gave. */
#include "clock.h"
#include "duration.h"
#include "exchange.h"
#include "output_file.h"
#include "path.h"
#include "record.h"
#include "size.h"
#include "whole_file.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int
call_duration(char **args)
{
	uint64_t ns;

	if (duration_parse(args[0], &ns) < 0)
		return 1;
	printf("%" PRIu64 "\n", ns);
	return 0;
}

static int
call_size(char **args)
{
	uint64_t bytes;

	if (size_parse(args[0], &bytes) < 0)
		return 1;
	printf("%" PRIu64 "\n", bytes);
	return 0;
}

static int
call_path_absolute(char **args)
{
	char *path = path_absolute(args[0], args[1]);

	if (path == NULL)
		err(1, "%s", args[1]);
	puts(path);
	free(path);
	return 0;
}

static int
call_path_directory(char **args)
{
	char *path = path_directory(args[0]);

	if (path == NULL)
		err(1, "%s", args[0]);
	puts(path);
	free(path);
	return 0;
}

static int
call_output_file_write(char **args)
{
	struct reason why;

	if (output_file_write(args[0], args[1], strlen(args[1]), &why) < 0)
		errx(1, "%s", why.text);
	return 0;
}

static int
call_output_file_open(char **args)
{
	struct reason why;
	int fd = output_file_open(args[0], &why);

	if (fd < 0)
		errx(1, "%s", why.text);
	dprintf(fd, "%s", args[1]);
	return 0;
}

/* Makes a file of this name that was not there. */
/* Puts a link to args[1] and a file in each other's place, for ever. */
static int
call_swap(char **args)
{
	char *link = NULL, *file = NULL;

	if (asprintf(&link, "%s.link", args[0]) < 0 ||
	    asprintf(&file, "%s.file", args[0]) < 0)
		err(1, NULL);
	for (;;) {
		int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);

		if (fd < 0 || close(fd) < 0 || rename(file, args[0]) < 0 ||
		    symlink(args[1], link) < 0 || rename(link, args[0]) < 0)
			err(1, "%s", args[0]);
	}
}

static int
call_whole_file_create(char **args)
{
	struct whole_file file;

	if (whole_file_open(&file, AT_FDCWD, NULL, 0600) < 0)
		err(1, "open");
	dprintf(file.fd, "%s", args[1]);
	int r = whole_file_create(&file, args[0]);
	int error = errno;
	whole_file_close(&file);
	errno = error;
	if (r < 0)
		err(1, "%s", args[0]);
	return 0;
}

/* Opens a new file and waits for the end of stdin before it goes away. */
static int
call_whole_file_hold(char **args)
{
	struct whole_file file;

	if (whole_file_open(&file, AT_FDCWD, args[0], 0600) < 0)
		err(1, "%s", args[0]);
	puts("open");
	fflush(stdout);
	(void)!getchar();
	whole_file_close(&file);
	return 0;
}

static int
call_record_read(char **args)
{
	struct record record;
	struct reason why;

	if (record_read(args[0], &record, &why) < 0)
		errx(1, "%s", why.text);
	printf("%s %d %d\n", record.cause, record.status,
	    record_verdict(&record, 7));
	return 0;
}

/* Runs a command in a directory with a descriptor 3 of its own. */
static int
call_child_start(char **args)
{
	struct child_plan plan = {.argv = (const char *const *)(args + 1),
	    .directory = args[0],
	    .fds = {CHILD_NULL, STDOUT_FILENO, STDERR_FILENO, CHILD_WRITES},
	    .count = 4,
	    .session = true};
	struct child child;
	struct reason why;
	char text[80];

	if (child_start(&child, &plan, &why) < 0)
		errx(1, "%s (%d)", why.text, child.error);
	ssize_t n = read(child.ends[3], text, sizeof(text));
	child_await(&child, UINT64_MAX);
	int status = child_end(&child);
	printf("%.*s%s %d\n", n > 0 ? (int)n : 0, text,
	    WIFEXITED(status) ? "exit" : "signal",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return child_end(&child) == -1 && child_signal(&child, SIGKILL) == 0
		   ? 0
		   : 1;
}

/* Prints how a command ended and what it wrote. */
static int
call_exchange_run(char **args)
{
	static const char *const ends[] = {
	    "done", "full", "silent", "slow", "failed"};
	struct exchange exchange = {0};
	struct child_plan plan = {.argv = (const char *const *)(args + 3),
	    .fds = {CHILD_NULL, CHILD_WRITES, CHILD_WRITES},
	    .count = 3,
	    .session = true};
	struct child child;
	struct reason why;
	uint64_t most;

	if (duration_parse(args[0], &exchange.first) < 0 ||
	    duration_parse(args[1], &exchange.rest) < 0 ||
	    size_parse(args[2], &most) < 0)
		errx(2, "numbers");
	exchange.most = (size_t)most;
	if (child_start(&child, &plan, &why) < 0)
		errx(1, "%s", why.text);
	enum exchange_end end = exchange_run(&exchange, &child);
	int status = child_end(&child);
	printf("%s %d\n", ends[end],
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	fwrite(exchange.out, 1, exchange.out_size, stdout);
	fwrite(exchange.err, 1, exchange.err_size, stdout);
	free(exchange.out);
	free(exchange.err);
	return 0;
}

static const struct {
	const char *name;
	int args; /* at least -args when it is negative */
	int (*call)(char **args);
} functions[] = {
    {"duration_parse", 1, call_duration},
    {"size_parse", 1, call_size},
    {"path_absolute", 2, call_path_absolute},
    {"path_directory", 1, call_path_directory},
    {"output_file_write", 2, call_output_file_write},
    {"output_file_open", 2, call_output_file_open},
    {"swap", 2, call_swap},
    {"whole_file_create", 2, call_whole_file_create},
    {"whole_file_hold", 1, call_whole_file_hold},
    {"record_read", 1, call_record_read},
    {"child_start", -2, call_child_start},
    {"exchange_run", -4, call_exchange_run},
};

int
main(int argc, char *argv[])
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		int args = functions[i].args;

		if (argc > 1 && strcmp(argv[1], functions[i].name) == 0 &&
		    (argc == args + 2 || (args < 0 && argc >= 2 - args)))
			return functions[i].call(argv + 2);
	}
	errx(2, "no such call");
}
