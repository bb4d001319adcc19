#include "botanist.h"

#include "emulator.h"

#include <string.h>

/* Botanist's SetTarget, with what the document says in place of its words. */
void
botanist_machine(struct build *build)
{
	const struct botanist_machine *m = flavor_machine(
	    build->flavor, build->target->name, build->kvm, build->aemu);
	const char *machine = place_text(&build->root, "machine", NULL);
	const char *cpu = emulator_cpu(build);
	const char *thread = build_thread(build);
	struct words *words = &build->words;

	for (const struct option_word *o = m->words; o->option != NULL; o++) {
		const char *origin = "target", *value = o->value;

		if (strcmp(o->option, "-machine") == 0 && machine != NULL) {
			origin = "machine";
			value = machine;
		} else if (strcmp(o->option, "-cpu") == 0 && cpu != NULL) {
			origin = "cpu_model";
			value = cpu;
		} else if (strcmp(o->option, "-accel") == 0) {
			if (thread != NULL)
				continue;
		} else if (value == NULL) {
			words_add(words, "kvm", o->option);
			continue;
		}
		words_option(words, origin, o->option, "%s", value);
	}
	if (thread != NULL && !build->kvm)
		words_option(
		    words, "tcg_thread", "-accel", "tcg,thread=%s", thread);
}

/* -feature: the document's or the era's, sorted as botanist does. */
static void
add_features(struct build *build)
{
	const char *const *era = build->flavor->features;
	bool own = place_has(&build->root, "features");
	struct words *list = &build->features;

	for (size_t i = 0; !own && era[i] != NULL; i++)
		words_add(list, "type", era[i]);
	if (build->kvm)
		words_add(list, "kvm", "KVM");
	words_sort(list);
	if (list->count == 0)
		return;
	words_option(&build->words, own ? "features" : "type", "-feature", "%s",
	    list->list[0].text);
	for (size_t i = 1; i < list->count; i++)
		words_more(&build->words, ",%s", list->list[i].text);
}

void
botanist_aemu_before(struct build *build)
{
	struct words *words = &build->words;

	add_features(build);
	words_option(words, "type", "-gpu", "swiftshader_indirect");
	words_add(words, "type", "-no-window");
	words_add(words, "type", "-fuchsia");
}

void
botanist_aemu_devices(struct build *build)
{
	struct words *words = &build->words;

	words_option(words, "type", "-vga", "none");
	words_option(words, "type", "-device", "virtio-keyboard-pci");
	words_option(
	    words, "type", "-device", "virtio_input_multi_touch_pci_1");
}
