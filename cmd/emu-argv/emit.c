#include "emit.h"

#include "devices.h"
#include "drives.h"
#include "network.h"
#include "serial.h"
#include "shares.h"
#include "vocabulary.h"

#include <inttypes.h>
#include <string.h>

static void
file_words(
    const char *option, const struct image_file *file, struct words *words)
{
	if (file->path != NULL)
		words_option(words, file->place, option, file->path);
}

/* QEMU takes a multiboot kernel's modules as one option. */
static void
module_words(const struct machine *m, struct words *words)
{
	if (m->modules != NULL)
		words_option(words, "modules", "-initrd", "");
	for (const struct module *i = m->modules; i != NULL; i = i->next) {
		words_text(words, i == m->modules ? "" : ",", i->file.path);
		words_text(words, " ", i->args);
	}
}

static void
files_words(const struct machine *m, struct words *words)
{
	file_words("-kernel", &m->kernel, words);
	file_words("-initrd", &m->initrd, words);
	module_words(m, words);
	file_words("-dtb", &m->dtb, words);
	file_words("-bios", &m->bios, words);
	drives_flash_words(m, words);
}

/* Botanist's SetTarget, with what the document says in place of its words. */
static void
era_words(const struct machine *m, struct words *words)
{
	for (size_t i = 0; i < json_array_size(m->era_words); i++) {
		const char *option = "", *value = NULL, *origin = "target";

		json_unpack(
		    json_array_get(m->era_words, i), "[s, s]", &option, &value);
		if (strcmp(option, "-machine") == 0 && m->machine != NULL) {
			origin = "machine";
			value = m->machine;
		} else if (strcmp(option, "-cpu") == 0 &&
			   m->cpu_model != NULL) {
			origin = "cpu_model";
			value = m->cpu_model;
		} else if (strcmp(option, "-accel") == 0 &&
			   m->tcg_thread >= 0) {
			continue;
		}
		words_option(
		    words, value == NULL ? "kvm" : origin, option, value);
		if (strcmp(option, "-machine") == 0)
			shares_machine(m, words);
	}
	if (m->tcg_thread < 0 || m->kvm)
		return;
	words_format(words, "tcg_thread", "-accel", "tcg,thread=%s",
	    tcg_threads[m->tcg_thread]);
}

/* -feature: the document's or the era's, sorted as botanist does. */
static void
feature_words(const struct machine *m, struct words *words)
{
	bool own = machine_has(m, "features");
	struct words list = {0};

	for (const struct text_item *i = m->features; i != NULL; i = i->next)
		words_add(&list, i->place, i->text);
	for (size_t i = 0; !own && i < json_array_size(m->flavor.features); i++)
		words_add(&list, "type",
		    json_string_value(json_array_get(m->flavor.features, i)));
	if (m->kvm)
		words_add(&list, "kvm", "KVM");
	words_sort(&list);
	if (list.count > 0) {
		words_option(words, own ? "features" : "type", "-feature", "");
		words_join(words, &list, ",");
	}
	words_free(&list);
}

static void
size_words(const struct machine *m, struct words *words)
{
	words_format(
	    words, machine_origin(m, "cpu"), "-smp", "%" PRId64, m->cpu);
	if (m->cpu > 1 && m->flavor.x64_threads > 0 &&
	    strcmp(m->target->name, "x64") == 0)
		words_number(words, ",threads=", m->flavor.x64_threads);
	words_format(
	    words, machine_origin(m, "memory"), "-m", "%" PRId64, m->memory);
}

static void
monitor_words(const struct machine *m, struct words *words)
{
	const char *origin = m->monitor == MONITOR_ON ? "(-m)" : m->rule;

	if (m->monitor == MONITOR_OFF)
		return;
	words_option(words, origin, "-chardev", "socket,id=qmp0,fd=3");
	if (m->monitor_object)
		words_option(words, origin, "-object",
		    "monitor-qmp,id=monitor0,chardev=qmp0");
	else
		words_option(
		    words, origin, "-mon", "chardev=qmp0,mode=control");
}

static void
extra_words(const struct machine *m, struct words *words)
{
	for (const struct text_item *i = m->extra; i != NULL; i = i->next)
		words_add(words, i->place, i->text);
}

static void
device_words(const struct machine *m, struct words *words)
{
	drives_words(m, words);
	network_words(m, words);
	devices_rng_words(m, words);
	serial_words(m, words);
	devices_words(m, words);
}

static void
fuchsia_words(const struct machine *m, struct words *words)
{
	if (m->aemu) {
		feature_words(m, words);
		words_option(words, "type", "-gpu", "swiftshader_indirect");
		words_add(words, "type", "-no-window");
		words_add(words, "type", "-fuchsia");
	}
	files_words(m, words);
	if (m->aemu) {
		words_option(words, "type", "-vga", "none");
		words_option(words, "type", "-device", "virtio-keyboard-pci");
		words_option(
		    words, "type", "-device", "virtio_input_multi_touch_pci_1");
	}
	era_words(m, words);
	device_words(m, words);
	size_words(m, words);
	for (size_t i = 0; i < json_array_size(m->flavor.last); i++) {
		const char *option = "", *value = NULL;

		json_unpack(json_array_get(m->flavor.last, i), "[s, s]",
		    &option, &value);
		words_option(words, m->rule, option, value);
	}
	if (m->plain_serial)
		words_option(words, m->rule, "-serial", "stdio");
	words_option(words, m->rule, "-monitor", "none");
	monitor_words(m, words);
	extra_words(m, words);
	if (m->netdevs == NULL)
		words_option(words, "netdevs", "-net", "none");
}

/* A PC whose BIOS looks for something to start. What that writes to the screen
 * goes to the serial line without graphics; where there is nothing, the BIOS
 * would wait for ever, and resets. */
static bool
starts_by_bios(const struct machine *m)
{
	return m->machine == NULL && m->isa && m->kernel.path == NULL &&
	       m->bios.path == NULL && m->flash == NULL;
}

static void
machine_words(const struct machine *m, struct words *words)
{
	static const char rule[] = "target (its BIOS is on the line)";

	if (m->machine != NULL) {
		words_option(words, "machine", "-machine", m->machine);
		shares_machine(m, words);
		return;
	}
	bool bios = starts_by_bios(m);
	words_option(
	    words, bios ? rule : "target", "-machine", m->target->machine);
	if (bios)
		words_more(words, ",graphics=off");
	shares_machine(m, words);
	if (bios && !m->reboot)
		words_option(words, rule, "-boot", "reboot-timeout=1000");
}

static void
plain_words(const struct machine *m, struct words *words)
{
	words_add(words, m->rule, "-nodefaults");
	words_option(words, m->rule, "-display", "none");
	machine_words(m, words);
	if (m->cpu_model != NULL)
		words_option(words, "cpu_model", "-cpu", m->cpu_model);
	else if (m->kvm)
		words_option(words, "kvm", "-cpu", "host");
	else
		words_option(words, "target", "-cpu", m->target->cpu);
	words_option(
	    words, machine_origin(m, "kvm"), "-accel", m->kvm ? "kvm" : "tcg");
	if (m->tcg_thread >= 0 && !m->kvm)
		words_text(words, ",thread=", tcg_threads[m->tcg_thread]);
	size_words(m, words);
	files_words(m, words);
	device_words(m, words);
	monitor_words(m, words);
	extra_words(m, words);
}

/* The value of the key that ends the argument, or NULL. */
static const char *
keyed(const struct machine *m, const char *key)
{
	if (strcmp(key, "entropy") == 0)
		return m->entropy;
	return m->nodename != NULL ? m->nodename : m->flavor.nodename;
}

static void
add_botanist(const struct machine *m, struct words *args)
{
	for (size_t i = 0; i < json_array_size(m->flavor.args); i++) {
		const char *text = "", *target = NULL, *key = NULL;
		const char *origin = m->rule, *value = "";

		json_unpack(json_array_get(m->flavor.args, i),
		    "{s:s, s?s, s?s, s?s}", "text", &text, "target", &target,
		    "key", &key, "origin", &origin);
		if (target != NULL && strcmp(target, m->target->name) != 0)
			continue;
		if (key != NULL) {
			value = keyed(m, key);
			origin = machine_origin(m, key);
		}
		if (value == NULL)
			continue;
		words_add(args, origin, text);
		words_more(args, value);
	}
}

/* A console that is seen, and a panic that ends the machine at once: it resets,
 * and -no-reboot makes that its end. */
static void
add_linux(const struct machine *m, struct words *args)
{
	if (m->console[0] != '\0') {
		words_add(args, m->console_place, "console=");
		words_more(args, m->console);
	}
	if (!m->reboot)
		words_add(args, m->rule, "panic=-1");
}

static void
args_words(const struct machine *m, struct words *args)
{
	if (m->guest == GUEST_FUCHSIA)
		add_botanist(m, args);
	else if (m->guest == GUEST_LINUX && m->kernel.image != NULL)
		add_linux(m, args);
	drives_root_args(m, args);
	for (const struct text_item *i = m->args; i != NULL; i = i->next)
		words_add(args, i->place, i->text);
	if (m->aemu)
		words_sort(args);
}

void
emit_words(const struct machine *m, struct words *words, struct words *args)
{
	shares_helpers(m, words);
	words_add(words, m->path != NULL ? "path" : "target", m->emulator);
	if (m->guest == GUEST_FUCHSIA)
		fuchsia_words(m, words);
	else
		plain_words(m, words);
	args_words(m, args);
	if (args->count == 0 || m->kernel.image == NULL)
		return;
	words_option(words, machine_origin(m, "args"), "-append", "");
	words_join(words, args, " ");
}
