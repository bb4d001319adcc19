#include "devices.h"

#include "mac.h"

#include <inttypes.h>
#include <string.h>

static const char *const rng_keys[] = {"filename", "id", "model", NULL};
static const char *const exit_keys[] = {"iobase", "iosize", NULL};
static const char *const vsock_keys[] = {"cid", NULL};
static const char *const rtc_keys[] = {"base", "clock", "driftfix", NULL};
static const char *const share_keys[] = {
    "path", "tag", "readonly", "security", NULL};
static const char *const security_names[] = {
    "none", "passthrough", "mapped-xattr", "mapped-file", NULL};

/* True when the key asks for the device: true, or an object, then in *place. */
static bool
wanted(const struct build *build, const char *key, struct place *place)
{
	const json_t *value = json_object_get(build->root.object, key);

	*place = (struct place){.reader = build->root.reader};
	if (json_is_boolean(value) || !place_has(&build->root, key))
		return json_is_true(value);
	if (!json_is_object(value)) {
		place_fault(
		    &build->root, key, "expected true, false or an object");
		return false;
	}
	*place = place_object(&build->root, key);
	return true;
}

void
devices_rng(struct build *build)
{
	bool era = build->guest == GUEST_FUCHSIA &&
		   build->flavor->rng_target != NULL &&
		   strcmp(build->flavor->rng_target, build->target->name) == 0;
	const char *absent_model = build->guest == GUEST_FUCHSIA
				       ? "virtio-rng-device"
				       : build_virtio(build, "virtio-rng");
	struct words *words = &build->words;
	struct place rng;
	bool asked = wanted(build, "rng", &rng);

	if (!asked && (!era || place_has(&build->root, "rng")))
		return;
	const char *origin = asked ? "rng" : build->rule;
	place_check(&rng, rng_keys, true);
	const char *file = place_text(&rng, "filename", "/dev/urandom");
	const char *id = place_text(&rng, "id", "rng0");
	const char *model = place_text(&rng, "model", absent_model);
	words_option(words, origin, "-object", "rng-random,filename=%s,id=%s",
	    words_commas(words, file), id);
	words_option(words, origin, "-device", "%s,rng=%s", model, id);
}

static const char *
machine_name(const struct build *build)
{
	return place_text(&build->root, "machine", build->target->machine);
}

/* By default where the device costs the guest nothing and the machine is known
 * to have a place for it. */
static bool
pvpanic_default(const struct build *build, const struct machine_kind *kind)
{
	if (kind == NULL || build->guest == GUEST_FUCHSIA)
		return false;
	return build->guest == GUEST_LINUX ? kind->isa || kind->pci : kind->isa;
}

static void
add_pvpanic(struct build *build)
{
	const struct machine_kind *kind = machine_kind(machine_name(build));
	bool absent = pvpanic_default(build, kind);
	bool isa = kind != NULL ? kind->isa : build->target->isa;

	if (place_bool(&build->root, "pvpanic", absent))
		words_option(&build->words,
		    place_has(&build->root, "pvpanic") ? "pvpanic"
						       : build->rule,
		    "-device", isa ? "pvpanic" : "pvpanic-pci");
}

static void
add_debug_exit(struct build *build)
{
	struct place place;

	if (!wanted(build, "isa_debug_exit", &place))
		return;
	if (!build->target->isa)
		place_fault(&build->root, "isa_debug_exit",
		    "target %s has no ISA ports", build->target->name);
	place_check(&place, exit_keys, true);
	int64_t base = place_integer(&place, "iobase", 0, 0xffff, 0xf4);
	int64_t size = place_integer(&place, "iosize", 1, 4, 4);
	words_option(&build->words, "isa_debug_exit", "-device",
	    "isa-debug-exit,iobase=0x%02" PRIx64 ",iosize=0x%02" PRIx64, base,
	    size);
}

static void
add_vsock(struct build *build)
{
	struct place place = place_object(&build->root, "vsock");
	const json_t *cid = json_object_get(place.object, "cid");
	int64_t number = 3;

	if (place.object == NULL)
		return;
	place_check(&place, vsock_keys, true);
	if (json_is_string(cid)) {
		const char *text = json_string_value(cid);
		struct reason what;
		struct mac mac;

		if (strcmp(text, "auto") != 0)
			place_fault(
			    &place, "cid", "expected an integer or \"auto\"");
		else if (mac_parse(text, 0, &mac, &what) < 0)
			place_fault(&place, "cid", "%s", what.text);
		else
			number = ((int64_t)(mac.bytes[2] & 0x7f) << 24 |
				     mac.bytes[3] << 16 | mac.bytes[4] << 8 |
				     mac.bytes[5]) +
				 3;
	} else if (!place_has(&place, "cid")) {
		place_fault(&place, "cid", "missing");
	} else {
		number = place_integer(&place, "cid", 3, UINT32_MAX - 1, 3);
	}
	words_option(&build->words, "vsock", "-device", "%s,guest-cid=%" PRId64,
	    build_virtio(build, "vhost-vsock"), number);
}

static void
add_share(struct build *build, const struct place *place, size_t i)
{
	struct words *words = &build->words;
	const char *origin = build_origin(build, place, "");

	place_check(place, share_keys, true);
	const char *path = place_need(place, "path");
	const char *tag = place_need(place, "tag");
	int security = place_choice(place, "security", security_names, 0);
	bool readonly = place_bool(place, "readonly", false);
	if (build->reader.failed)
		return;
	words_option(words, origin, "-fsdev",
	    "local,id=share%zu,path=%s,security_model=%s%s", i,
	    words_commas(words, build_path(build, path)),
	    security_names[security], readonly ? ",readonly=on" : "");
	words_option(words, origin, "-device", "%s,fsdev=share%zu,mount_tag=%s",
	    build_virtio(build, "virtio-9p"), i, words_commas(words, tag));
}

static void
add_rtc(struct build *build)
{
	const json_t *value = json_object_get(build->root.object, "rtc");
	struct words *words = &build->words;
	const char *comma = "";

	if (!place_has(&build->root, "rtc"))
		return;
	if (json_is_string(value)) {
		words_option(words, "rtc", "-rtc", "base=%s",
		    words_commas(words, json_string_value(value)));
		return;
	}
	if (!json_is_object(value)) {
		place_fault(
		    &build->root, "rtc", "expected a string or an object");
		return;
	}
	struct place place = place_object(&build->root, "rtc");
	place_check(&place, rtc_keys, true);
	words_option(words, "rtc", "-rtc", "%s", "");
	for (size_t i = 0; rtc_keys[i] != NULL; i++) {
		const char *text = place_text(&place, rtc_keys[i], NULL);

		if (text == NULL)
			continue;
		words_more(words, "%s%s=%s", comma, rtc_keys[i],
		    words_commas(words, text));
		comma = ",";
	}
	if (comma[0] == '\0')
		place_fault(&build->root, "rtc", "nothing in it");
}

/* What is on or off, and on by itself for linux and none alone. */
static void
add_switches(struct build *build)
{
	bool plain = build->guest == GUEST_FUCHSIA;
	struct words *words = &build->words;

	if (!place_bool(&build->root, "reboot", plain))
		words_add(words,
		    place_has(&build->root, "reboot") ? "reboot" : build->rule,
		    "-no-reboot");
	if (place_bool(&build->root, "sandbox", !plain))
		words_option(words,
		    place_has(&build->root, "sandbox") ? "sandbox"
						       : build->rule,
		    "-sandbox", "on");
	if (!place_bool(&build->root, "semihosting", false))
		return;
	if (!build->target->semihosting)
		place_fault(&build->root, "semihosting", "target %s has none",
		    build->target->name);
	words_option(words, "semihosting", "-semihosting-config",
	    "enable=on,target=native");
}

void
devices_add(struct build *build)
{
	json_t *shares = place_array(&build->root, "shares");

	add_pvpanic(build);
	add_debug_exit(build);
	add_vsock(build);
	for (size_t i = 0; i < json_array_size(shares); i++) {
		struct place place =
		    place_element(&build->root, "shares", shares, i);

		add_share(build, &place, i);
	}
	add_rtc(build);
	add_switches(build);
}
