#include "kvm.h"

#include "accel.h"

#include <err.h>
#include <string.h>

/* The value that the era's machine under KVM has for the option, or absent. */
static const char *
era_value(const json_t *words, const char *option, const char *absent)
{
	for (size_t i = 0; i < json_array_size(words); i++) {
		const json_t *pair = json_array_get(words, i);
		const char *name = json_string_value(json_array_get(pair, 0));

		if (name != NULL && strcmp(name, option) == 0)
			return json_string_value(json_array_get(pair, 1));
	}
	return absent;
}

/* Whether the emulator runs this machine under KVM. */
static int
try_kvm(const struct machine *m, struct reason *why)
{
	const json_t *words =
	    flavor_machine(&m->flavor, m->target->name, true, m->aemu != 0);
	const char *machine = m->machine, *cpu = m->cpu_model;

	if (m->guest == GUEST_FUCHSIA && words == NULL)
		return reason_set(why, "flavor %s has no KVM for target %s",
		    m->flavor.name, m->target->name);
	if (machine == NULL)
		machine = era_value(words, "-machine", m->target->machine);
	if (cpu == NULL)
		cpu = era_value(words, "-cpu", "host");
	return accel_prove(
	    m->emulator, m->target->name, machine, cpu, m->scale, why);
}

static bool
is_host(const char *cpu)
{
	return cpu != NULL && strncmp(cpu, "host", 4) == 0 &&
	       (cpu[4] == '\0' || cpu[4] == ',');
}

static void
decide_auto(struct machine *m)
{
	struct reason cause;

	m->kvm = try_kvm(m, &cause) == 0;
	/* A fallback is loud, for it costs a factor of ten. */
	if (!m->kvm)
		warnx("%s: kvm: using TCG: %s", m->document->name, cause.text);
	if (!m->kvm && is_host(m->cpu_model))
		m->cpu_model = NULL;
}

int
kvm_decide(struct machine *m, struct reason *why)
{
	if (m->kvm == 2)
		decide_auto(m);
	if (m->guest == GUEST_FUCHSIA)
		m->era_words = flavor_machine(
		    &m->flavor, m->target->name, m->kvm != 0, m->aemu != 0);
	if (m->guest == GUEST_FUCHSIA && m->era_words == NULL)
		return machine_fault(m, "kvm", "", why,
		    "flavor %s has no KVM for target \"%s\"", m->flavor.name,
		    m->target->name);
	m->machine_value = m->machine;
	if (m->machine == NULL)
		m->machine_value =
		    era_value(m->era_words, "-machine", m->target->machine);
	return 0;
}
