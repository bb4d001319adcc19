#include "options.h"

#include "../fatal.h"
#include "../usage.h"
#include "value.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
take_count(void *into, char letter, struct reason *why)
{
	const struct options *options = into;
	char *end;

	errno = 0;
	long n = strtol(optarg, &end, 10);
	if (optarg[0] < '0' || optarg[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > INT_MAX)
		return reason_set(why, "not a number from 1: %s", optarg);
	value_set(
	    options->keys, letter == 'c' ? "cpu" : "memory", json_integer(n));
	return 0;
}

static int
take_kvm(void *into, char letter, struct reason *why)
{
	const struct options *options = into;
	bool yes = strcmp(optarg, "yes") == 0;

	(void)letter;
	if (!yes && strcmp(optarg, "no") != 0 && strcmp(optarg, "auto") != 0)
		return reason_set(why, "not yes, no or auto: %s", optarg);
	value_set(options->keys, "kvm",
	    optarg[0] == 'a' ? json_string(optarg) : json_boolean(yes));
	return 0;
}

static int
add(void *into, char letter, struct reason *why)
{
	json_t **words = into;
	json_t *word = json_string(optarg);

	(void)why;
	if (word == NULL)
		fatal("-%c %s: not UTF-8", letter, optarg);
	value_append(*words, word);
	return 0;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'A', "target", "what the machine is: x64, arm64, riscv64 ...",
	AT(target_name)},
    {'a', "arg", "a kernel argument", AT(args), .take = add},
    {'c', "cpus", "the number of processors", .take = take_count},
    {'e', "word", "a word for the emulator", AT(extra), .take = add},
    {'f', "rule", "forward a port: [udp:][address:]host:guest", AT(forwards),
	.take = add},
    {'k', "yes|no|auto", "use KVM (default: auto)", .take = take_kvm},
    {'m', "MiB", "the memory", .take = take_count},
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

static void
find_target(struct options *options)
{
	char names[256];

	options->target =
	    targets_named(&options->targets, options->target_name);
	targets_list(&options->targets, names, sizeof(names));
	if (options->target == NULL)
		usage_wrong(&usage, "-A: not one of %s: %s", names,
		    options->target_name);
	value_set(options->keys, "target", json_string(options->target->name));
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	struct reason why;

	*options = (struct options){.keys = json_object(),
	    .args = json_array(),
	    .extra = json_array(),
	    .forwards = json_array(),
	    .shares = json_array()};
	usage_parse(&usage, argc, argv, options);
	options->files = argv + optind;
	options->file_count = (size_t)(argc - optind);
	if (options->file_count == 0)
		usage_wrong(&usage, "no file");
	fatal_if(targets_read(&options->targets, &why) < 0, &why);
	if (options->target_name != NULL)
		find_target(options);
}

void
options_free(struct options *options)
{
	targets_free(&options->targets);
	json_decref(options->keys);
	json_decref(options->args);
	json_decref(options->extra);
	json_decref(options->forwards);
	json_decref(options->shares);
}
