#include "options.h"

#include "usage.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct usage_option option_table[] = {
    {'A', "target", "what the machine is: x64, arm64, riscv64 ..."},
    {'a', "arg", "a kernel argument"},
    {'c', "cpus", "the number of processors"},
    {'e', "word", "a word for the emulator"},
    {'f', "rule", "forward a port: [udp:][address:]host:guest"},
    {'k', "yes|no|auto", "use KVM (default: auto)"},
    {'m', "MiB", "the memory"},
    {'n', "name", "the virtual device of a product bundle"},
    {'s', "dir", "share a directory: [tag=]dir"},
    {'u', NULL, "let the guest write to the named disk images"},
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
    .wrong = 2,
    .failed = 1,
};

static long
count(char option, const char *text)
{
	char *end;

	errno = 0;
	long n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > INT_MAX)
		exit(usage_wrong(&usage, stderr, "-%c: not a number from 1: %s",
		    option, text));
	return n;
}

static const struct target *
target(const struct targets *targets, const char *text)
{
	const struct target *target = targets_named(targets, text);
	char names[256];

	targets_list(targets, names, sizeof(names));
	if (target == NULL)
		exit(usage_wrong(
		    &usage, stderr, "-A: not one of %s: %s", names, text));
	return target;
}

static const char *
kvm(const char *text)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0 &&
	    strcmp(text, "auto") != 0)
		exit(usage_wrong(
		    &usage, stderr, "-k: not yes, no or auto: %s", text));
	return text;
}

static void
add(struct strings *words, const char *word)
{
	size_t size = (words->count + 1) * sizeof(*words->list);
	const char **list = realloc(words->list, size);

	if (list == NULL)
		err(1, NULL);
	list[words->count++] = word;
	words->list = list;
}

static void
take(struct options *options, const char **name, int c, char *argv[])
{
	switch (c) {
	case 'A':
		*name = optarg;
		break;
	case 'a':
		add(&options->args, optarg);
		break;
	case 'c':
		options->cpus = count('c', optarg);
		break;
	case 'e':
		add(&options->extra, optarg);
		break;
	case 'f':
		add(&options->forwards, optarg);
		break;
	case 'k':
		options->kvm = kvm(optarg);
		break;
	case 'm':
		options->memory = count('m', optarg);
		break;
	case 'n':
		options->device = optarg;
		break;
	case 's':
		add(&options->shares, optarg);
		break;
	case 'u':
		options->keep_disks = true;
		break;
	default:
		exit(usage_answer(&usage, c, argv, stdout, stderr));
	}
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	const char *name = NULL;
	struct reason why;
	int c;

	*options = (struct options){.target = NULL};
	while ((c = usage_next(&usage, argc, argv)) != -1)
		take(options, &name, c, argv);
	options->files = argv + optind;
	options->file_count = (size_t)(argc - optind);
	if (options->file_count == 0)
		exit(usage_wrong(&usage, stderr, "no file"));
	if (targets_read(&options->targets, &why) < 0)
		errx(1, "%s", why.text);
	if (name != NULL)
		options->target = target(&options->targets, name);
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
