#include "devices.h"

#include "mac.h"
#include "shares.h"
#include "vocabulary.h"

#include <inttypes.h>
#include <string.h>

/* The document's, or botanist's where the era has one of its own. */
static void
complete_rng(struct machine *m)
{
	const char *own = m->flavor.rng_target;
	bool era = own != NULL && strcmp(own, m->target->name) == 0;

	if (m->rng == NULL && era && !machine_has(m, "rng")) {
		m->rng = machine_take(m, sizeof(*m->rng));
		m->rng->place = m->rule;
	}
	if (m->rng == NULL)
		return;
	if (m->rng->filename == NULL)
		m->rng->filename = "/dev/urandom";
	if (m->rng->id == NULL)
		m->rng->id = "rng0";
	if (m->rng->model == NULL)
		m->rng->model =
		    era ? "virtio-rng-device" : machine_virtio(m, "virtio-rng");
}

/* By default where the device costs the guest nothing and the machine is known
 * to have a place for it. */
static void
complete_pvpanic(struct machine *m)
{
	if (m->pvpanic < 0)
		m->pvpanic = m->kind != NULL && m->kind->panic != NULL &&
			     m->guest != GUEST_FUCHSIA &&
			     (m->isa || m->guest == GUEST_LINUX);
}

static void
complete_vsock(struct machine *m)
{
	struct reason what;
	struct mac mac;

	if (m->vsock == NULL || m->vsock->cid >= 0)
		return;
	if (mac_parse("auto", 0, &mac, &what) < 0)
		machine_fault(m, "vsock", "cid", "%s", what.text);
	m->vsock->cid = mac_cid(&mac);
}

static const struct {
	const char *name, *device; /* on the machine's bus */
} inputs[] = {
    {"keyboard", "virtio-keyboard"},
    {"mouse", "virtio-mouse"},
    {"touch", "virtio-multitouch"},
};

/* NULL: there is none of that name. */
static const char *
input_device(const char *name)
{
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		if (strcmp(inputs[i].name, name) == 0)
			return inputs[i].device;
	}
	return NULL;
}

static void
check_inputs(const struct machine *m)
{
	for (const struct text_item *i = m->inputs; i != NULL; i = i->next) {
		if (input_device(i->text) == NULL)
			machine_fault(m, i->place, "",
			    "expected \"keyboard\", \"mouse\" or \"touch\", "
			    "not \"%s\"",
			    i->text);
	}
}

void
devices_complete(struct machine *m)
{
	const struct rtc *rtc = m->rtc;

	if (m->debug_exit != NULL && !m->isa)
		machine_fault(m, "isa_debug_exit", "",
		    "target %s has no ISA ports", m->target->name);
	if (rtc != NULL && rtc->base == NULL && rtc->clock == NULL &&
	    rtc->driftfix == NULL)
		machine_fault(m, "rtc", "", "nothing in it");
	if (m->pvpanic > 0 && m->panic == NULL)
		machine_fault(m, "pvpanic", "",
		    "target %s has no device for it", m->target->name);
	if (m->semihosting && !m->target->semihosting)
		machine_fault(m, "semihosting", "", "target %s has none",
		    m->target->name);
	if (m->reboot < 0)
		m->reboot = m->guest == GUEST_FUCHSIA;
	if (m->sandbox < 0)
		m->sandbox = m->guest != GUEST_FUCHSIA;
	complete_pvpanic(m);
	check_inputs(m);
	complete_vsock(m);
	complete_rng(m);
}

void
devices_rng_words(const struct machine *m, struct words *words)
{
	if (m->rng == NULL)
		return;
	words_option(words, m->rng->place, "-object", "rng-random");
	words_text(words, ",filename=", m->rng->filename);
	words_text(words, ",id=", m->rng->id);
	words_option(words, m->rng->place, "-device", m->rng->model);
	words_text(words, ",rng=", m->rng->id);
}

/* The streams of a command in the guest, on descriptors that emu-spawn gives;
 * the names are those that share/init/ports.h has. */
static void
command_words(const struct machine *m, struct words *words)
{
	static const char *const ports[] = {
	    "stdin", "stdout", "stderr", "control"};
	static const char key[] = "command_ports";

	if (!m->command_ports)
		return;
	words_format(words, key, "-device", "virtio-serial-%s", m->bus);
	for (int i = 0; i < 4; i++) {
		words_format(words, key, "-chardev",
		    "socket,id=command_%s,fd=%d", ports[i], 4 + i);
		words_format(words, key, "-device",
		    "virtserialport,chardev=command_%s,name=emu.%s", ports[i],
		    ports[i]);
	}
}

static void
rtc_words(const struct rtc *rtc, struct words *words)
{
	if (rtc == NULL)
		return;
	const struct {
		const char *key, *text;
	} parts[] = {{"base=", rtc->base}, {"clock=", rtc->clock},
	    {"driftfix=", rtc->driftfix}};
	const char *comma = "";
	words_option(words, "rtc", "-rtc", "");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].text == NULL)
			continue;
		words_more(words, comma);
		words_text(words, parts[i].key, parts[i].text);
		comma = ",";
	}
}

/* A screen that nobody needs to see, and what the guest is typed and pointed
 * with. */
static void
display_words(const struct machine *m, struct words *words)
{
	if (m->display != NULL)
		words_format(words, "display", "-device",
		    "virtio-gpu-%s,xres=%" PRId64 ",yres=%" PRId64, m->bus,
		    m->display->width, m->display->height);
	for (const struct text_item *i = m->inputs; i != NULL; i = i->next)
		words_format(words, i->place, "-device", "%s-%s",
		    input_device(i->text), m->bus);
}

void
devices_words(const struct machine *m, struct words *words)
{
	if (m->pvpanic)
		words_option(
		    words, machine_origin(m, "pvpanic"), "-device", m->panic);
	if (m->debug_exit != NULL)
		words_format(words, "isa_debug_exit", "-device",
		    "isa-debug-exit,iobase=0x%02" PRIx64 ",iosize=0x%02" PRIx64,
		    m->debug_exit->iobase, m->debug_exit->iosize);
	if (m->vsock != NULL)
		words_format(words, "vsock", "-device",
		    "vhost-vsock-%s,guest-cid=%" PRId64, m->bus, m->vsock->cid);
	display_words(m, words);
	shares_words(m, words);
	command_words(m, words);
	rtc_words(m->rtc, words);
	if (!m->reboot)
		words_add(words, machine_origin(m, "reboot"), "-no-reboot");
	if (m->sandbox)
		words_option(
		    words, machine_origin(m, "sandbox"), "-sandbox", "on");
	if (m->semihosting)
		words_option(words, "semihosting", "-semihosting-config",
		    "enable=on,target=native");
}
