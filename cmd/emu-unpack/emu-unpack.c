/* emu-unpack: takes members out of an archive, or decompresses a file, into a
 * directory. The bytes may be hostile: they are parsed in a sandbox, and no
 * name that they hold touches the file system. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "input.h"
#include "one_file.h"
#include "private_dir.h"
#include "sandbox.h"
#include "stdio_guard.h"
#include "unpack.h"

#include <err.h>
#include <fcntl.h>
#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const int fatal_status = 1;

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option letters[] = {
    {'M', "size", "refuse to make a larger file", AT(max), USAGE_SIZE},
    {'d', "dir", "put the files there (default: $EMU_SCRATCH)", AT(directory)},
    {'m', NULL, "print the archive's images.json first", AT(manifest)},
    {'n', "name", "use this name for the archive in messages", AT(name)},
    {'w', NULL, "read more members and names from descriptor 3", AT(words)},
    {'z', NULL, "decompress the one file", AT(decompress)},
    {0},
};

static const struct usage usage = {
    .command = "emu-unpack",
    .synopsis = "[-mw] [-d dir] [-M size] [-n name] archive|-\n"
		"                  [member[=name] ...]\n"
		"       emu-unpack -z [-d dir] [-M size] [-n name] file|- name",
    .options = letters,
};

/* What is wrong with the call, or NULL. */
static const char *
find_wrong(const struct options *options)
{
	if (options->decompress && (options->manifest || options->words))
		return "-m and -w are for archives";
	if (options->source == NULL)
		return "no archive";
	if (options->decompress && options->count != 1)
		return "-z makes one file";
	if (options->count == 0 && !options->words && !options->manifest)
		return "no member";
	return NULL;
}

static void
parse(struct options *options, int argc, char *argv[])
{
	*options = (struct options){
	    .directory = getenv("EMU_SCRATCH"), .max = INT64_MAX};
	usage_parse(&usage, argc, argv, options);
	if (optind < argc) {
		options->source = argv[optind];
		options->operands = argv + optind + 1;
		options->count = (size_t)(argc - optind - 1);
		if (options->name == NULL)
			options->name = input_name(options->source);
	}
	const char *wrong = find_wrong(options);
	if (wrong != NULL)
		usage_wrong(&usage, "%s", wrong);
}

static int
open_source(const struct options *options)
{
	if (strcmp(options->source, "-") == 0)
		return STDIN_FILENO;
	int fd = open(options->source, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		fatal_errno(options->name);
	return fd;
}

static void
enter_sandbox(int dir)
{
	const struct sandbox sandbox = {
	    .directory = dir,
	    .rights = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_TRUNCATE |
		      SANDBOX_CREATE | SANDBOX_REMOVE,
	    .calls = {SYS_openat, SYS_fstatfs, SYS_geteuid,
		SYS_rt_sigtimedwait},
	    /* A few bytes can ask for a dictionary of gigabytes. */
	    .memory = UINT64_C(1) << 30,
	};
	struct reason why;

	fatal_if(sandbox_enter(&sandbox, &why) < 0, &why);
}

/* Takes the operand "member=name", split at the last "=", or "member". */
static void
take_operand(struct members *members, char *operand)
{
	char *equals = strrchr(operand, '=');

	if (equals != NULL)
		*equals = '\0';
	members_want(members, operand, equals == NULL ? NULL : equals + 1);
}

static void
run(struct unpack *unpack)
{
	const struct options *options = unpack->options;

	if (options->decompress) {
		one_file_make(unpack);
	} else {
		for (size_t i = 0; i < options->count; i++)
			take_operand(&unpack->members, options->operands[i]);
		unpack_archive(unpack);
	}
	unpack_report(unpack);
}

int
main(int argc, char *argv[])
{
	struct new_files files = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct options options;
	struct unpack unpack = {.options = &options, .files = &files};
	struct reason why;
	char *directory;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	parse(&options, argc, argv);
	/* Names in archives are UTF-8, whatever the caller's locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	unpack.dir = private_dir_open(options.directory, &directory, &why);
	fatal_if(unpack.dir < 0, &why);
	unpack.directory = directory;
	unpack.fd = open_source(&options);
	enter_sandbox(unpack.dir);
	new_files_guard(&files);
	unpack.members.archive = options.name;
	unpack.members.max = options.max;
	run(&unpack);
	fatal_if(stdio_finish(&why) < 0, &why);
	new_files_keep(&files);
	if (unpack.ignored)
		warnx("%s: ignored bytes after the end", options.name);
	/* What is in use by now lasts until here. */
	exit(0);
}
