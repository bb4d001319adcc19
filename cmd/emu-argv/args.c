#include "args.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

/* Bits, in the order of flavors. */
enum {
	ERA_2020 = 1,
	ERA_2023 = 2,
	ERA_2024 = 4,
	ERA_OLD = ERA_2020 | ERA_2023,
	ERA_NEW = ERA_2023 | ERA_2024,
	ERA_ALL = ERA_OLD | ERA_2024,
};

/* Botanist's, in its order. What has a key ends with that key's value. */
struct botanist_arg {
	int eras;
	const char *target; /* NULL: any */
	const char *key;    /* of the document; NULL: fixed */
	const char *text;
};

static const struct botanist_arg botanist_args[] = {
    {ERA_NEW, "x64", NULL, "kernel.serial=legacy"},
    {ERA_ALL, NULL, "nodename", "zircon.nodename="},
    {ERA_OLD, NULL, NULL, "virtcon.disable=true"},
    {ERA_ALL, NULL, NULL, "kernel.halt-on-panic=true"},
    {ERA_OLD, NULL, NULL, "devmgr.suspend-timeout-debug=true"},
    {ERA_NEW, NULL, NULL,
	"kernel.lockup-detector.critical-section-threshold-ms=0"},
    {ERA_NEW, NULL, NULL,
	"kernel.lockup-detector.critical-section-fatal-threshold-ms=0"},
    {ERA_NEW, NULL, NULL, "kernel.lockup-detector.heartbeat-period-ms=0"},
    {ERA_NEW, NULL, NULL,
	"kernel.lockup-detector.heartbeat-age-threshold-ms=0"},
    {ERA_NEW, NULL, NULL,
	"kernel.lockup-detector.heartbeat-age-fatal-threshold-ms=0"},
    {ERA_NEW, NULL, "entropy", "kernel.entropy-mixin="},
    {ERA_ALL, NULL, NULL, "TERM=dumb"},
    {ERA_ALL, "x64", NULL, "kernel.serial=legacy"},
};

static const char *
entropy(struct build *build)
{
	const char *text = place_text(&build->root, "entropy", NULL);
	unsigned char bytes[32];
	char digits[65];

	if (text != NULL)
		return text;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		place_fault(&build->root, "entropy", "no random numbers");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		digits[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		digits[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	digits[64] = '\0';
	return words_scratch(&build->words, "%s", digits);
}

static void
add_keyed(struct build *build, const struct botanist_arg *arg)
{
	const char *value = NULL;

	if (strcmp(arg->key, "nodename") == 0)
		value = place_text(
		    &build->root, "nodename", build->flavor->nodename);
	else
		value = entropy(build);
	if (value != NULL)
		words_add(&build->args,
		    place_has(&build->root, arg->key) ? arg->key : build->rule,
		    words_scratch(&build->words, "%s%s", arg->text, value));
}

static void
add_botanist(struct build *build)
{
	int era = 1 << (build->flavor - flavors);

	for (size_t i = 0; i < sizeof(botanist_args) / sizeof(*botanist_args);
	     i++) {
		const struct botanist_arg *arg = &botanist_args[i];

		if ((arg->eras & era) == 0 ||
		    (arg->target != NULL &&
			strcmp(arg->target, build->target->name) != 0))
			continue;
		if (arg->key != NULL)
			add_keyed(build, arg);
		else
			words_add(&build->args,
			    arg->eras == ERA_NEW && arg->target != NULL
				? "target"
				: build->rule,
			    arg->text);
	}
}

/* A console that is seen, and a panic that ends the machine at once: it resets,
 * and -no-reboot makes that its end. */
static void
add_linux(struct build *build)
{
	const json_t *own = json_object_get(build->root.object, "console");
	const char *console = build->target->console;

	if (!json_is_false(own))
		words_add(&build->args,
		    place_has(&build->root, "console") ? "console"
						       : "target (its uart)",
		    words_scratch(&build->words, "console=%s",
			place_text(&build->root, "console", console)));
	if (!place_bool(&build->root, "reboot", false))
		words_add(&build->args, build->rule, "panic=-1");
}

void
args_builtin(struct build *build)
{
	if (build->guest == GUEST_FUCHSIA)
		add_botanist(build);
	else if (build->guest == GUEST_LINUX && build->has_kernel)
		add_linux(build);
}

void
args_own(struct build *build)
{
	build_strings(build, "args", &build->args);
	if (build->aemu)
		words_sort(&build->args);
}

void
args_add(struct build *build)
{
	const struct words *args = &build->args;

	if (args->count == 0)
		return;
	if (!build->has_kernel) {
		if (build->guest != GUEST_FUCHSIA)
			place_fault(&build->root, args->list[0].origin,
			    "there is no kernel to read it");
		return;
	}
	const char *origin =
	    place_has(&build->root, "args") ? "args" : build->rule;
	words_option(
	    &build->words, origin, "-append", "%s", args->list[0].text);
	for (size_t i = 1; i < args->count; i++)
		words_more(&build->words, " %s", args->list[i].text);
}
