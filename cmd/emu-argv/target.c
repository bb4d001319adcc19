#include "target.h"

#include <stddef.h>
#include <string.h>

const char target_names[] = "x64, arm64, riscv64, i386 and arm";

/* The CPUs are those under which distributions' programs run, and the guest
 * comes up fast: arm64's "max" takes four times as long to boot Linux. */
static const struct target targets[] = {
    {"x64", "qemu-system-x86_64", "q35", "max", "ttyS0", true, false},
    {"arm64", "qemu-system-aarch64", "virt", "cortex-a57", "ttyAMA0", false,
	true},
    {"riscv64", "qemu-system-riscv64", "virt", "rv64", "ttyS0", false, true},
    {"i386", "qemu-system-i386", "q35", "max", "ttyS0", true, false},
    {"arm", "qemu-system-arm", "virt", "cortex-a15", "ttyAMA0", false, true},
};

const struct target *
target_find(const char *name)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(targets[i].name, name) == 0)
			return &targets[i];
	}
	return NULL;
}

static const struct botanist_machine machines_2020[] = {
    {"x64", true, false,
	{{"-machine", "q35"}, {"-cpu", "host"}, {"-enable-kvm", NULL}}},
    {"x64", false, false,
	{{"-machine", "q35"}, {"-cpu", "Haswell,+smap,-check,-fsgsbase"}}},
    {"arm64", true, false,
	{{"-machine", "virt-2.12,gic-version=host"}, {"-cpu", "host"},
	    {"-enable-kvm", NULL}}},
    {"arm64", false, false,
	{{"-machine", "virt-2.12,gic-version=3,virtualization=true"},
	    {"-cpu", "max"}}},
    {0},
};

#define SERCON \
	{ \
		"-fw_cfg", "name=etc/sercon-port,string=0" \
	}

static const struct botanist_machine machines_2023[] = {
    {"x64", true, false,
	{{"-machine", "q35,smbios-entry-point-type=32"}, SERCON,
	    {"-cpu", "host,migratable=no,+invtsc"}, {"-enable-kvm", NULL}}},
    {"x64", false, false,
	{{"-machine", "q35,smbios-entry-point-type=32"}, SERCON,
	    {"-cpu", "Skylake-Client,-check"}, {"-accel", "tcg,thread=multi"}}},
    {"x64", true, true,
	{{"-machine", "q35"}, SERCON, {"-cpu", "host,migratable=no,+invtsc"},
	    {"-enable-kvm", NULL}}},
    {"x64", false, true,
	{{"-machine", "q35"}, SERCON, {"-cpu", "Skylake-Client,-check"},
	    {"-accel", "tcg,thread=multi"}}},
    {"arm64", true, false,
	{{"-machine", "virt-2.12,gic-version=host"}, {"-cpu", "host"},
	    {"-enable-kvm", NULL}}},
    {"arm64", false, false,
	{{"-machine", "virt-2.12,gic-version=3,virtualization=true"},
	    {"-accel", "tcg,thread=multi"}, {"-cpu", "max"}}},
    {"riscv64", false, false,
	{{"-cpu", "rv64,svpbmt=true,v=true,vext_spec=v1.0"},
	    {"-machine", "virt"}, {"-accel", "tcg,thread=multi"}}},
    {0},
};

#define SINCE_2023 \
	.machines = machines_2023, \
	.features = {"GLDirectMem", "HostComposition", "VirtioInput", \
	    "Vulkan"}, \
	.mac_first = true, .serial_chardev = true, .rng_target = "riscv64", \
	.nodename = "botanist-target-qemu", .vectors = "8"

const struct flavor flavors[] = {
    {
	.name = "2020",
	.machines = machines_2020,
	.features = {"GLDirectMem", "VirtioInput", "Vulkan"},
    },
    {.name = "2023", SINCE_2023},
    {.name = "2024", SINCE_2023},
};

const char *const flavor_names[] = {"2020", "2023", "2024", NULL};

const struct botanist_machine *
flavor_machine(
    const struct flavor *flavor, const char *target, bool kvm, bool aemu)
{
	const struct botanist_machine *found = NULL;

	for (const struct botanist_machine *m = flavor->machines;
	     m->target != NULL; m++) {
		if (strcmp(m->target, target) == 0 && m->kvm == kvm &&
		    (m->aemu == aemu || found == NULL))
			found = m;
	}
	return found;
}

static const struct machine_kind kinds[] = {
    {"q35", true, true},
    {"pc", true, true},
    {"virt", false, true},
    {"microvm", true, false},
};

/* True when the machine is the kind, perhaps in a version: virt-7.2. */
static bool
is_kind(const char *machine, const char *kind)
{
	size_t n = strlen(kind);

	return strncmp(machine, kind, n) == 0 &&
	       (machine[n] == '\0' || machine[n] == ',' || machine[n] == '-');
}

const struct machine_kind *
machine_kind(const char *machine)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (is_kind(machine, kinds[i].name))
			return &kinds[i];
	}
	return NULL;
}
