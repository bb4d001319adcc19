#include "emulator.h"

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

void
emulator_accel(struct build *build)
{
	const json_t *kvm = json_object_get(build->root.object, "kvm");

	if (json_is_string(kvm)) {
		if (strcmp(json_string_value(kvm), "auto") != 0)
			place_fault(&build->root, "kvm",
			    "expected true, false or \"auto\"");
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
