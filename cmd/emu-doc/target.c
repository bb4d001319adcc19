#include "target.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

static const struct target targets[] = {
    {"x64", {"x86_64", "amd64", "x86-64"}, EM_X86_64, true, 0x8664, "x86_64",
	"pc-q35-", "ovmf"},
    {"i386", {"i686", "i586", "386", "x86"}, EM_386, false, 0x14c, "i386",
	"pc-q35-", "ovmf-ia32"},
    {"arm64", {"aarch64"}, EM_AARCH64, true, 0xaa64, "aarch64", "virt-",
	"qemu-efi-aarch64"},
    {"arm", {"armhf", "armv7l", "armel"}, EM_ARM, false, 0x1c2, "arm", "virt-",
	"qemu-efi-arm"},
    {"riscv64", {"riscv"}, EM_RISCV, true, 0x5064, "riscv64", "virt",
	"qemu-efi-riscv64"},
};

enum { COUNT = sizeof(targets) / sizeof(targets[0]) };

const struct target *
target_named(const char *name)
{
	for (size_t i = 0; i < COUNT; i++) {
		const struct target *t = &targets[i];

		if (strcmp(t->name, name) == 0)
			return t;
		for (size_t j = 0; t->spelled[j] != NULL; j++) {
			if (strcmp(t->spelled[j], name) == 0)
				return t;
		}
	}
	return NULL;
}

/* A PC of 64 bits also starts what is for one of 32. */
const char *
target_of_elf(unsigned machine, bool wide)
{
	if ((machine == EM_386 || machine == EM_X86_64) && !wide)
		return "x64";
	for (size_t i = 0; i < COUNT; i++) {
		if (targets[i].elf == machine && targets[i].wide == wide)
			return targets[i].name;
	}
	return NULL;
}

const char *
target_of_pe(unsigned machine)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (targets[i].pe == machine)
			return targets[i].name;
	}
	return NULL;
}
