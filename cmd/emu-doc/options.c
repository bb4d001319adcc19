#include "options.h"

#include "../usage.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
take_count(void *count, char letter, struct reason *why)
{
	char *end;

	(void)letter;
	errno = 0;
	long n = strtol(optarg, &end, 10);
	if (optarg[0] < '0' || optarg[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > INT_MAX)
		return reason_set(why, "not a number from 1: %s", optarg);
	*(long *)count = n;
	return 0;
}

static int
take_kvm(void *kvm, char letter, struct reason *why)
{
	(void)letter;
	if (strcmp(optarg, "yes") != 0 && strcmp(optarg, "no") != 0 &&
	    strcmp(optarg, "auto") != 0)
		return reason_set(why, "not yes, no or auto: %s", optarg);
	*(const char **)kvm = optarg;
	return 0;
}

static int
add(void *into, char letter, struct reason *why)
{
	struct strings *words = into;
	size_t size = (words->count + 1) * sizeof(*words->list);
	const char **list = realloc(words->list, size);

	(void)letter;
	if (list == NULL)
		return reason_memory(why);
	list[words->count++] = optarg;
	words->list = list;
	return 0;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'A', "target", "what the machine is: x64, arm64, riscv64 ...",
	AT(target_name)},
    {'a', "arg", "a kernel argument", AT(args), .take = add},
    {'c', "cpus", "the number of processors", AT(cpus), .take = take_count},
    {'e', "word", "a word for the emulator", AT(extra), .take = add},
    {'f', "rule", "forward a port: [udp:][address:]host:guest", AT(forwards),
	.take = add},
    {'k', "yes|no|auto", "use KVM (default: auto)", AT(kvm), .take = take_kvm},
    {'m', "MiB", "the memory", AT(memory), .take = take_count},
    {'n', "name", "the virtual device of a product bundle", AT(device)},
    {'s', "dir", "share a directory: [tag=]dir", AT(shares), .take = add},
    {'u', NULL, "let the guest write to the named disk images", AT(keep_disks)},
    {0},
};

static const struct usage usage = {
    .command = "emu-doc",
    .synopsis =
	"[-u] [-A target] [-a arg]... [-c cpus] [-e word]... "
	"[-f rule]...\n"
	"               [-k yes|no|auto] [-m MiB] [-n name] [-s dir]... "
	"file ...",
    .options = option_table,
};

static const struct target *
find_target(const struct targets *targets, const char *text)
{
	const struct target *target = targets_named(targets, text);
	char names[256];

	targets_list(targets, names, sizeof(names));
	if (target == NULL)
		usage_wrong(&usage, "-A: not one of %s: %s", names, text);
	return target;
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	struct reason why;

	*options = (struct options){.target = NULL};
	usage_parse(&usage, argc, argv, options);
	options->files = argv + optind;
	options->file_count = (size_t)(argc - optind);
	if (options->file_count == 0)
		usage_wrong(&usage, "no file");
	if (targets_read(&options->targets, &why) < 0)
		errx(1, "%s", why.text);
	if (options->target_name != NULL)
		options->target =
		    find_target(&options->targets, options->target_name);
}

void
options_free(struct options *options)
{
	targets_free(&options->targets);
	free(options->args.list);
	free(options->extra.list);
	free(options->forwards.list);
	free(options->shares.list);
}
