#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stdint.h>

/* A machine that QEMU makes, called as in documents. */
struct target {
	const char *name;
	const char *spelled[6]; /* by Linux, Debian, Go and QEMU */
	uint16_t elf;           /* of its kernels: EM_* */
	bool wide;              /* they have 64 bits */
	uint16_t pe;            /* of its UEFI applications; 0: none */
	/* In QEMU's descriptions of firmware: the architecture, the machine, of
	 * which they name versions; and Debian's package; NULL: none. */
	const char *architecture, *machine, *package;
};

/* The target of that name or spelling, or NULL. */
const struct target *target_named(const char *name);

/* The name of the target whose kernels have that number in ELF files, or whose
 * applications have it in PE files; or NULL. */
const char *target_of_elf(unsigned machine, bool wide);
const char *target_of_pe(unsigned machine);

#endif
