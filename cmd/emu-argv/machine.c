#include "machine.h"

#include "args.h"
#include "botanist.h"
#include "devices.h"
#include "drives.h"
#include "emulator.h"
#include "flash.h"
#include "network.h"
#include "serial.h"

#include <stdio.h>
#include <string.h>

static const char *const keys[] = {"type", "path", "target", "cpu", "memory",
    "kvm", "serial", "user_networking", "minfs", "fvm_tool", "images", "args",
    "guest", "flavor", "machine", "cpu_model", "tcg_thread", "reboot",
    "sandbox", "rtc", "semihosting", "extra", "kernel", "initrd", "dtb", "bios",
    "flash", "console", "nodename", "nodename_style", "entropy", "drives",
    "hci", "features", "netdevs", "mac", "tap", "vsock", "serials", "rng",
    "pvpanic", "isa_debug_exit", "shares", "serial_socket", "ssh_key", "ipv4",
    "ipv6", NULL};

/* Strings that the other commands read. */
static const char *const others[] = {
    "fvm_tool", "serial_socket", "ssh_key", "ipv4", "ipv6", "nodename", NULL};

static const char *const image_keys[] = {"name", "type", "path", "cpu",
    "format", "backing", "label", "size", "sha256", "extract", "staged", NULL};

static const char *const guest_names[] = {"fuchsia", "linux", "none", NULL};
static const char *const guest_rules[] = {
    "(guest fuchsia)", "(guest linux)", "(guest none)"};
static const char *const type_names[] = {"qemu", "aemu", NULL};

/* The only image of the type; NULL when there is none, noted when several. */
static const struct image *
only(struct build *build, const char *type)
{
	const struct image *found = NULL;

	for (size_t i = 0; i < build->images.count; i++) {
		const struct image *image = &build->images.list[i];

		if (strcmp(image->type, type) != 0)
			continue;
		if (found != NULL)
			place_fault(&build->root, type,
			    "%s or %s? Several images are of type \"%s\"",
			    found->id, image->id, type);
		found = image;
	}
	return found;
}

/* -kernel, -initrd, -dtb or -bios: the key's image, or the only one of the type
 * that has the key's name, or for a guest fuchsia the one called fuchsia_id. */
static bool
add_file(struct build *build, const char *key, const char *fuchsia_id)
{
	const struct image *image = NULL;
	const char *file = build_image(build, &build->root, key, &image);

	if (image == NULL && build->guest == GUEST_FUCHSIA) {
		if (fuchsia_id != NULL)
			image = images_find(&build->images, fuchsia_id);
	} else if (image == NULL) {
		image = only(build, key);
	}
	if (image == NULL)
		return false;
	if (file == NULL)
		file = build_image_file(build, image);
	if (file == NULL)
		return false;
	words_option(&build->words,
	    words_scratch(&build->words, "images[%zu].path", image->index),
	    words_scratch(&build->words, "-%s", key), "%s", file);
	return true;
}

/* Botanist starts from a kernel and a zbi; in later eras from a kernel, or
 * firmware, or firmware and a disk without either. */
static void
check_fuchsia(struct build *build, bool kernel, bool initrd)
{
	static const char *const ids[] = {"kernel_qemu-kernel", "zbi_zircon-a"};
	const struct place *root = &build->root;
	const json_t *flash = json_object_get(root->object, "flash");
	const json_t *disk = json_object_get(flash, "disk");
	bool old = build->flavor == &flavors[0];

	if (!kernel && (flash == NULL || old))
		place_fault(root, "images", "no image \"%s\"", ids[0]);
	if (!initrd && old)
		place_fault(root, "images", "no image \"%s\"", ids[1]);
	if (disk != NULL && (kernel || initrd))
		place_fault(root, "flash.disk",
		    "excludes a kernel and an initrd, and there is %s",
		    ids[!kernel]);
}

static void
add_files(struct build *build)
{
	build->has_kernel = add_file(build, "kernel", "kernel_qemu-kernel");
	bool initrd = add_file(build, "initrd", "zbi_zircon-a");
	if (build->guest == GUEST_FUCHSIA)
		check_fuchsia(build, build->has_kernel, initrd);
	add_file(build, "dtb", NULL);
	add_file(build, "bios", NULL);
	flash_add(build);
}

static void
add_accel(struct build *build)
{
	struct words *words = &build->words;
	const char *thread = build_thread(build);
	const char *origin =
	    place_has(&build->root, "kvm") ? "kvm" : build->rule;

	words_option(words, origin, "-accel", "%s", build->kvm ? "kvm" : "tcg");
	if (thread != NULL && !build->kvm)
		words_more(words, ",thread=%s", thread);
}

static void
add_size(struct build *build)
{
	bool fuchsia = build->guest == GUEST_FUCHSIA;
	static const char *const sizes[] = {"cpu", "memory"};

	for (size_t i = 0; fuchsia && i < 2; i++) {
		if (!place_has(&build->root, sizes[i]))
			place_fault(&build->root, sizes[i], "missing");
	}
	int64_t cpu = place_integer(&build->root, "cpu", 1, INT32_MAX, 1);
	int64_t memory =
	    place_integer(&build->root, "memory", 1, INT64_MAX >> 20, 1024);
	words_option(&build->words,
	    place_has(&build->root, "cpu") ? "cpu" : build->rule, "-smp",
	    "%lld", (long long)cpu);
	words_option(&build->words,
	    place_has(&build->root, "memory") ? "memory" : build->rule, "-m",
	    "%lld", (long long)memory);
}

static void
add_monitor(struct build *build, enum monitor monitor)
{
	bool wanted =
	    monitor == MONITOR_ON ||
	    (monitor == MONITOR_DEFAULT && build->guest != GUEST_FUCHSIA);
	const char *origin = monitor == MONITOR_ON ? "(-m)" : build->rule;

	if (!wanted)
		return;
	words_option(&build->words, origin, "-chardev", "socket,id=qmp0,fd=3");
	words_option(
	    &build->words, origin, "-mon", "chardev=qmp0,mode=control");
}

static void
fuchsia_words(struct build *build, enum monitor monitor)
{
	struct words *words = &build->words;

	if (build->aemu)
		botanist_aemu_before(build);
	add_files(build);
	if (build->aemu)
		botanist_aemu_devices(build);
	botanist_machine(build);
	args_builtin(build);
	drives_add(build);
	network_add(build);
	devices_rng(build);
	serial_add(build);
	devices_add(build);
	add_size(build);
	words_add(words, build->rule, "-nographic");
	if (serial_plain(build))
		words_option(words, build->rule, "-serial", "stdio");
	words_option(words, build->rule, "-monitor", "none");
	add_monitor(build, monitor);
	build_strings(build, "extra", &build->words);
	if (!build->has_net)
		words_option(words, "netdevs", "-net", "none");
	args_own(build);
	args_add(build);
}

static void
plain_words(struct build *build, enum monitor monitor)
{
	const char *machine = place_text(&build->root, "machine", NULL);
	const char *cpu = emulator_cpu(build);
	struct words *words = &build->words;

	words_add(words, build->rule, "-nodefaults");
	words_option(words, build->rule, "-display", "none");
	words_option(words, machine != NULL ? "machine" : "target", "-machine",
	    "%s", machine != NULL ? machine : build->target->machine);
	if (cpu != NULL)
		words_option(words, "cpu_model", "-cpu", "%s", cpu);
	else if (build->kvm)
		words_option(words, "kvm", "-cpu", "host");
	else
		words_option(words, "target", "-cpu", "%s", build->target->cpu);
	add_accel(build);
	add_size(build);
	add_files(build);
	args_builtin(build);
	drives_add(build);
	network_add(build);
	devices_rng(build);
	serial_add(build);
	devices_add(build);
	add_monitor(build, monitor);
	build_strings(build, "extra", &build->words);
	args_own(build);
	args_add(build);
}

static void
read_target(struct build *build)
{
	const char *name = place_string(&build->root, "target", NULL);

	if (name == NULL) {
		place_fault(&build->root, "target", "missing");
		return;
	}
	build->target = target_find(name);
	if (build->target == NULL)
		place_fault(&build->root, "target",
		    "unknown target \"%s\"; there are %s", name, target_names);
	else if (build->guest == GUEST_FUCHSIA &&
		 flavor_machine(build->flavor, name, false, false) == NULL)
		place_fault(&build->root, "target",
		    "a guest fuchsia of flavor %s has no target \"%s\"",
		    build->flavor->name, name);
}

/* What this guest is not concerned with is checked all the same. */
static void
check_rest(struct build *build)
{
	const struct place *root = &build->root;
	const char *entropy = place_text(root, "entropy", NULL);
	const char *tap = place_text(root, "tap", NULL);

	place_check(root, keys, true);
	for (size_t i = 0; others[i] != NULL; i++)
		place_string(root, others[i], NULL);
	place_bool(root, "serial", false);
	place_integer(root, "nodename_style", 0, 1, 0);
	build_strings(build, "features", &build->features);
	build_thread(build);
	network_mac(build, root, 0, NULL);
	if (!json_is_false(json_object_get(root->object, "console")))
		place_string(root, "console", NULL);
	if (tap != NULL && strlen(tap) > 15)
		place_fault(root, "tap",
		    "longer than the 15 bytes of an interface's name");
	if (entropy != NULL &&
	    (strlen(entropy) != 64 ||
		strspn(entropy, "0123456789abcdefABCDEF") != 64))
		place_fault(root, "entropy", "expected 64 hex digits");
	for (size_t i = 0; i < build->images.count; i++) {
		const struct image *image = &build->images.list[i];
		struct place entry = {build->root.reader, image->entry, ""};

		snprintf(entry.name, sizeof(entry.name), "images[%zu].",
		    image->index);
		place_check(&entry, image_keys, false);
		place_string(&entry, "format", NULL);
	}
}

static void
read_kind(struct build *build)
{
	int guest =
	    place_choice(&build->root, "guest", guest_names, GUEST_FUCHSIA);

	build->guest = (enum guest)guest;
	build->rule = guest_rules[guest];
	build->flavor =
	    &flavors[place_choice(&build->root, "flavor", flavor_names, 0)];
	build->aemu = place_choice(&build->root, "type", type_names, 0) == 1;
	if (build->aemu && build->guest != GUEST_FUCHSIA)
		place_fault(&build->root, "type",
		    "\"aemu\" is for guest \"fuchsia\" alone");
}

void
machine_words(struct build *build, enum monitor monitor)
{
	build->ids = json_object();
	if (build->ids == NULL)
		build->words.failed = true;
	build_take_id(build, "char", "qmp0"); /* the monitor's */
	read_kind(build);
	check_rest(build);
	if (build->reader.failed)
		return;
	read_target(build);
	if (build->reader.failed)
		return;
	const struct machine_kind *kind = machine_kind(
	    place_text(&build->root, "machine", build->target->machine));
	build->bus = kind != NULL && !kind->pci ? "device" : "pci";
	emulator_find(build);
	emulator_accel(build);
	if (build->reader.failed)
		return;
	words_add(&build->words,
	    place_text(&build->root, "path", NULL) != NULL ? "path" : "target",
	    build->emulator);
	if (build->guest == GUEST_FUCHSIA)
		fuchsia_words(build, monitor);
	else
		plain_words(build, monitor);
}
