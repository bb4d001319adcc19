#include "options.h"

#include "../fatal.h"
#include "../usage.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
take_bind(void *into, char letter, struct reason *why)
{
	struct options *options = into;

	(void)letter;
	if (options->bind_count == OPTIONS_BINDS)
		return reason_set(
		    why, "more than %d directories", OPTIONS_BINDS);
	options->binds[options->bind_count++] = optarg;
	return 0;
}

static int
take_driver(void *driver, char letter, struct reason *why)
{
	(void)letter;
	if (strcmp(optarg, "9p") != 0 && strcmp(optarg, "virtiofs") != 0)
		return reason_set(
		    why, "expected 9p or virtiofs, not %s", optarg);
	*(const char **)driver = optarg;
	return 0;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'B', "dir", "let the guest write to this directory of the host",
	.take = take_bind},
    {'F', "driver", "how the guest reads the root: 9p (default), virtiofs",
	AT(driver), .take = take_driver},
    {'K', "modules", "take the kernel's modules from here: lib/modules/VERSION",
	AT(modules)},
    {'R', "root", "the guest's root directory (default: /)", AT(root)},
    {'d', "dir", "make the initrd here (default: $EMU_SCRATCH)", AT(directory)},
    {0},
};

static const struct usage usage = {"emu-init",
    "[-B dir]... [-d dir] [-F driver] [-K modules] [-R root] "
    "[document]\n                -- cmd [arg ...]",
    option_table};

/* Returns the directory's path without symbolic links, which the caller frees.
 */
static char *
real_directory(const char *name)
{
	char *path = realpath(name, NULL);
	struct stat st;

	if (path == NULL)
		fatal_errno(name);
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		fatal("%s: Not a directory", name);
	return path;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	*options = (struct options){
	    .driver = "9p",
	    .directory = getenv("EMU_SCRATCH"),
	};
	usage_parse(&usage, argc, argv, options);
	/* getopt takes one "--" away: the one before the command, or none. */
	if (strcmp(argv[optind - 1], "--") != 0 && optind < argc) {
		options->document = argv[optind++];
		if (optind < argc && strcmp(argv[optind], "--") != 0)
			usage_wrong(&usage,
			    "%s: \"--\" comes before the command",
			    argv[optind]);
		optind++;
	}
	if (optind >= argc)
		usage_wrong(&usage, "no command");
	options->argv = argv + optind;
	options->root =
	    real_directory(options->root == NULL ? "/" : options->root);
	for (size_t i = 0; i < options->bind_count; i++)
		options->binds[i] = real_directory(options->binds[i]);
	qsort(options->binds, options->bind_count, sizeof(options->binds[0]),
	    by_path);
}
