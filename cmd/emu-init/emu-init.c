/* emu-init: adds to a document an initrd, made on the spot, whose init runs a
 * command in the guest on the host's files. */
#include "../fatal.h"
#include "../usage.h"
#include "document.h"
#include "guest.h"
#include "initrd.h"
#include "kernel_version.h"
#include "machine.h"
#include "modules.h"
#include "options.h"
#include "private_dir.h"
#include "share_file.h"
#include "stdio_guard.h"
#include "target.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const int fatal_status = 1;

static const char initrd_name[] = "emu-init.cpio";

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

static void
parse(int argc, char *argv[], struct options *options)
{
	*options = (struct options){
	    .driver = "9p", .directory = getenv("EMU_SCRATCH"), .root = "/"};
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
}

/* What the init needs that a distribution's kernel has as modules. */
static int
add_modules(struct modules *modules, const char *directory,
    const struct options *options, bool network, struct reason *why)
{
	const bool virtiofs = strcmp(options->driver, "virtiofs") == 0;
	const bool plan9 = !virtiofs || options->bind_count > 0;
	const struct {
		const char *name, *option; /* NULL: it can do without */
		bool wanted;
	} list[] = {
	    {"virtio_pci", NULL, true},
	    {"virtio_mmio", NULL, true},
	    {"virtio_console", NULL, true}, /* else the console serves */
	    {"9pnet_virtio", "CONFIG_NET_9P_VIRTIO", plan9},
	    {"9p", "CONFIG_9P_FS", plan9},
	    {"virtiofs", "CONFIG_VIRTIO_FS", virtiofs},
	    {"overlay", NULL, true},
	    {"pvpanic", NULL, true}, /* so that a panic is told as one */
	    {"pvpanic_mmio", NULL, true},
	    {"pvpanic_pci", NULL, true},
	    {"virtio_net", NULL, network},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (!list[i].wanted)
			continue;
		int r = modules_add(modules, directory, list[i].name, why);

		if (r < 0 || (r == 2 && list[i].option != NULL))
			return -1;
		if (r == 1 && list[i].option != NULL)
			return reason_set(why,
			    "%s: no module %s: the kernel needs %s", directory,
			    list[i].name, list[i].option);
	}
	return 0;
}

/* Without a directory of modules the kernel has to have everything built in,
 * which only a boot can tell. */
static int
find_modules(struct modules *modules, const struct options *options,
    const struct machine *machine, struct reason *why)
{
	char version[KERNEL_VERSION_BYTES] = "";
	char *directory = NULL;
	int result = 0;

	*modules = (struct modules){0};
	if (options->modules == NULL) {
		if (kernel_version_read(machine->kernel, version, why) < 0)
			return -1;
		if (version[0] == '\0')
			return 0;
	}
	if (asprintf(&directory, "%s%s%s",
		options->modules != NULL ? options->modules : options->root,
		options->modules != NULL ? "" : "/lib/modules/", version) < 0)
		return reason_memory(why);
	if (options->modules != NULL || access(directory, F_OK) == 0)
		result = modules_open(modules, directory, why);
	if (result == 0 && modules->order != NULL)
		result = add_modules(
		    modules, directory, options, machine->network, why);
	free(directory);
	return result;
}

static char *
init_path(const char *target, struct reason *why)
{
	char *file = NULL, *path = NULL;

	if (asprintf(&file, "init-%s", target) < 0 ||
	    (path = share_file(file)) == NULL)
		reason_errno(why, "init-%s", target);
	free(file);
	return path;
}

/* Returns the path of the init for a target, which the caller frees, or NULL
 * with the reason. Without one of the name, the name may be another spelling.
 */
static char *
find_init(const char *name, struct reason *why)
{
	struct targets targets;
	char *path = init_path(name, why);
	const struct target *target;

	if (path == NULL || access(path, F_OK) == 0)
		return path;
	if (targets_read(&targets, why) == 0 &&
	    (target = targets_named(&targets, name)) != NULL) {
		free(path);
		path = init_path(target->name, why);
		if (path != NULL && access(path, F_OK) < 0 &&
		    target->compiler != NULL) {
			reason_set(why,
			    "%s: not built: there was no compiler for %s "
			    "(Debian: %s)",
			    path, target->name, target->compiler);
			free(path);
			path = NULL;
		}
	}
	targets_free(&targets);
	return path;
}

/* Makes the initrd in the private directory. Returns its absolute path, which
 * the caller frees, or NULL with the reason. */
static char *
make_initrd(const struct options *options, const struct machine *machine,
    const struct guest *guest, const struct modules *modules,
    struct reason *why)
{
	char *directory = NULL, *path = NULL, *init = NULL;
	int dir = private_dir_open(options->directory, &directory, why);
	int fd = -1, result = -1;

	if (dir < 0 || (init = find_init(machine->target, why)) == NULL)
		goto out;
	if (asprintf(&path, "%s/%s", directory, initrd_name) < 0) {
		reason_errno(why, "%s", initrd_name);
		goto out;
	}
	fd = openat(dir, initrd_name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		reason_errno(why, "%s", path);
	else
		result = initrd_write(fd, path, init, guest, modules, why);
	if (result < 0 && fd >= 0)
		unlinkat(dir, initrd_name, 0);
out:
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	free(directory);
	free(init);
	if (result == 0)
		return path;
	free(path);
	return NULL;
}

static int
run(const struct options *options, struct reason *why)
{
	struct document document = {0};
	struct machine machine;
	struct guest guest = {0};
	struct modules modules = {0};
	char *initrd = NULL;
	int result = -1;

	if (document_read(&document, options->document, why) == 0 &&
	    machine_read(&document, &machine, why) == 0 &&
	    guest_make(&guest, options, why) == 0 &&
	    find_modules(&modules, options, &machine, why) == 0) {
		initrd = make_initrd(options, &machine, &guest, &modules, why);
		if (initrd != NULL &&
		    machine_extend(&document, initrd, &guest, why) == 0)
			result = document_write(&document, stdout, why);
	}
	free(initrd);
	modules_free(&modules);
	guest_free(&guest);
	document_free(&document);
	return result;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	parse(argc, argv, &options);
	if (run(&options, &why) < 0 || stdio_finish(&why) < 0)
		errx(1, "%s", why.text);
	return 0;
}
