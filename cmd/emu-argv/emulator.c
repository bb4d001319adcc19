#include "emulator.h"

#include "accel.h"

#include <err.h>
#include <string.h>

void
emulator_find(struct build *build)
{
	const char *name = build->aemu ? "emulator" : build->target->emulator;
	const char *path = place_text(&build->root, "path", NULL);

	build->emulator = name;
	if (path != NULL)
		build->emulator = build_existing(build, &build->root, "path",
		    words_scratch(&build->words, "%s/%s", path, name));
}

/* The value that the machine under KVM will have for -machine or -cpu. */
static const char *
kvm_value(
    struct build *build, const char *key, const char *option, const char *plain)
{
	const char *own = place_text(&build->root, key, NULL);
	const struct botanist_machine *m = NULL;

	if (own != NULL)
		return own;
	if (build->guest == GUEST_FUCHSIA)
		m = flavor_machine(
		    build->flavor, build->target->name, true, build->aemu);
	if (m == NULL)
		return plain;
	const struct option_word *o = m->words;
	while (o->option != NULL && strcmp(o->option, option) != 0)
		o++;
	return o->option != NULL ? o->value : plain;
}

/* "auto": a fallback is loud, for it costs a factor of ten. */
static void
try_kvm(struct build *build)
{
	const char *machine =
	    kvm_value(build, "machine", "-machine", build->target->machine);
	const char *cpu = kvm_value(build, "cpu_model", "-cpu", "host");
	struct reason why = {""};

	if (build->reader.failed)
		return;
	if (build->guest == GUEST_FUCHSIA &&
	    flavor_machine(
		build->flavor, build->target->name, true, build->aemu) == NULL)
		reason_set(&why, "flavor %s has no KVM for target %s",
		    build->flavor->name, build->target->name);
	else if (accel_prove(
		     build->emulator, build->target, machine, cpu, &why) == 0)
		build->kvm = true;
	if (!build->kvm)
		warnx("%s: kvm: using TCG: %s", build->reader.document->name,
		    why.text);
}

void
emulator_accel(struct build *build)
{
	const json_t *kvm = json_object_get(build->root.object, "kvm");

	if (json_is_string(kvm)) {
		if (strcmp(json_string_value(kvm), "auto") != 0)
			place_fault(&build->root, "kvm",
			    "expected true, false or \"auto\"");
		else
			try_kvm(build);
		return;
	} else {
		build->kvm = place_bool(&build->root, "kvm", false);
	}
	if (build->reader.failed || !build->kvm ||
	    build->guest != GUEST_FUCHSIA)
		return;
	if (flavor_machine(
		build->flavor, build->target->name, true, build->aemu) == NULL)
		place_fault(&build->root, "kvm",
		    "flavor %s has no KVM for target \"%s\"",
		    build->flavor->name, build->target->name);
}

const char *
emulator_cpu(const struct build *build)
{
	const char *cpu = place_text(&build->root, "cpu_model", NULL);

	if (cpu != NULL && !build->kvm && strncmp(cpu, "host", 4) == 0 &&
	    (cpu[4] == '\0' || cpu[4] == ',') &&
	    json_is_string(json_object_get(build->root.object, "kvm")))
		return NULL;
	return cpu;
}
