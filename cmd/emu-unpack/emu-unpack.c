/* emu-unpack: takes members out of an archive, or decompresses a file, into a
 * directory. The bytes may be hostile: they are parsed in a sandbox, and no
 * name that they hold touches the file system. */
#include "new_files.h"
#include "one_file.h"
#include "options.h"
#include "private_dir.h"
#include "request.h"
#include "sandbox.h"
#include "signal_cleanup.h"
#include "stdio_guard.h"
#include "unpack.h"

#include <err.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
open_source(const struct options *options, struct reason *why)
{
	if (strcmp(options->source, "-") == 0)
		return STDIN_FILENO;
	int fd = open(options->source, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		reason_errno(why, "%s", options->name);
	return fd;
}

static int
enter_sandbox(int dir, struct reason *why)
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

	return sandbox_enter(&sandbox, why);
}

static int
run(struct unpack *unpack, struct reason *why)
{
	const struct options *options = unpack->options;

	if (options->decompress)
		return one_file_make(unpack, why);
	for (size_t i = 0; i < options->count; i++) {
		if (request_operand(
			options->operands[i], &unpack->members, why) < 0)
			return -1;
	}
	return unpack_archive(unpack, why);
}

int
main(int argc, char *argv[])
{
	struct new_files files = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct options options;
	struct unpack unpack = {.options = &options, .files = &files};
	struct reason why = {""};
	char *directory;

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	options_parse(&options, argc, argv);
	/* Names in archives are UTF-8, whatever the caller's locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	unpack.dir = private_dir_open(options.directory, &directory, &why);
	unpack.directory = directory;
	if (unpack.dir < 0 || (unpack.fd = open_source(&options, &why)) < 0 ||
	    enter_sandbox(unpack.dir, &why) < 0 ||
	    signal_cleanup_start(&files, &why) < 0)
		errx(1, "%s", why.text);
	unpack.members.archive = options.name;
	if (run(&unpack, &why) < 0 || unpack_report(&unpack, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		new_files_abandon(&files);
		errx(1, "%s", why.text);
	}
	new_files_keep(&files);
	if (unpack.ignored)
		warnx("%s: ignored bytes after the end", options.name);
	members_free(&unpack.members);
	new_files_free(&files);
	free(directory);
	return 0;
}
