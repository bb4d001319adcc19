/* call FUNCTION ARG...: calls a function of common/ and prints what it gave. */
#include "duration.h"
#include "new_file.h"
#include "path.h"
#include "record.h"
#include "size.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
call_new_file_write(char **args)
{
	struct reason why;

	if (new_file_write(args[0], args[1], strlen(args[1]), &why) < 0)
		errx(1, "%s", why.text);
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

static const struct {
	const char *name;
	int args;
	int (*call)(char **args);
} functions[] = {
    {"duration_parse", 1, call_duration},
    {"size_parse", 1, call_size},
    {"path_absolute", 2, call_path_absolute},
    {"path_directory", 1, call_path_directory},
    {"new_file_write", 2, call_new_file_write},
    {"record_read", 1, call_record_read},
};

int
main(int argc, char *argv[])
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (argc > 1 && strcmp(argv[1], functions[i].name) == 0 &&
		    argc == functions[i].args + 2)
			return functions[i].call(argv + 2);
	}
	errx(2, "no such call");
}
