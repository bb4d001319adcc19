#include "target.h"

#include <stddef.h>
#include <string.h>

const char *const target_names[] = {
    "x64", "arm64", "riscv64", "i386", "arm", NULL};

/* The CPUs are those under which distributions' programs run, and the guest
 * comes up fast: arm64's "max" takes four times as long to boot Linux. */
const struct target targets[] = {
    {"qemu-system-x86_64", "q35", "max", "ttyS0", true, false},
    {"qemu-system-aarch64", "virt", "cortex-a57", "ttyAMA0", false, true},
    {"qemu-system-riscv64", "virt", "rv64", "ttyS0", false, true},
    {"qemu-system-i386", "q35", "max", "ttyS0", true, false},
    {"qemu-system-arm", "virt", "cortex-a15", "ttyAMA0", false, true},
};

static const struct machine_kind kinds[] = {
    {"q35", true, true, 1},
    {"pc-q35", true, true, 1},
    {"pc", true, true, 2},
    {"virt", false, true, 0},
    {"microvm", true, false, 0},
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
