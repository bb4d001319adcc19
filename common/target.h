#ifndef TARGET_H
#define TARGET_H

#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A kind of machine (-machine) of an emulator, and the devices that fit it. */
struct machine_kind {
	const char *name; /* "virt"; also stands for versions: virt-7.2 */
	const char *bus;  /* suffix of the names of its virtio devices: "pci" */
	const char
	    *panic;    /* the device that reports a guest's panic; or NULL */
	int isa;       /* it has the I/O ports of a PC */
	int fdc;       /* it has a floppy controller by itself */
	int ide_units; /* units of an IDE bus; 0: it has no IDE */
};

/* A target: a processor and its default machine. emu-targets(5) describes each
 * key. NULL and 0 stand for an absent key. */
struct target {
	const char *name; /* its name in documents */
	const char *emulator, *machine, *cpu, *console;
	const char *efi;        /* file name of the program that UEFI starts */
	const char *root, *usr; /* GUIDs of partition types */
	const char *zbi;        /* type of the item that is a kernel */
	const char *compiler;   /* Debian's package of a cross compiler */
	/* In QEMU's firmware descriptors: the architecture, and a prefix of the
	 * machines. Then Debian's package of the firmware. */
	const char *architecture, *firmware, *package;
	const json_t *names; /* other spellings */
	const json_t *elf;   /* [[machine, bits, big-endian] ...] */
	const json_t
	    *heads; /* magic numbers of kernels: [{at, hex, what} ...] */
	int pe;     /* machine type of its UEFI applications */
	int uimage; /* U-Boot's architecture number */
	int semihosting;
	int elf_linux; /* its ELF kernels are Linux, though they do not say so
			*/
	const struct machine_kind *kind; /* kind of its machine; or NULL */
};

/* Both lists are ended by one without a name. */
struct targets {
	struct target *list;
	struct machine_kind *kinds;
	json_t *file; /* owns all strings */
};

/* Reads the file that $EMU_TARGETS names, if that is set, and then
 * share/targets.json. A target that is in both has the values of the first
 * file, and from the second those that the first leaves out. Returns 0, or -1
 * with the reason; call targets_free either way. */
int targets_read(struct targets *targets, struct reason *why);
void targets_free(struct targets *targets);

/* Returns the target with that name or other spelling, or NULL. */
const struct target *targets_named(
    const struct targets *targets, const char *name);

/* Stores the names of all targets: "x64, arm64". */
void targets_list(const struct targets *targets, char *text, size_t size);

/* Returns the kind of a value of -machine ("virt,gic-version=3", "pc-q35-7.2"),
 * or NULL if it is unknown. */
const struct machine_kind *targets_machine(
    const struct targets *targets, const char *machine);

/* Whether both are names of the same target. If the names differ, this reads
 * *targets first, which the caller initializes with {0} and frees. If that
 * fails, the answer is no. */
bool targets_same(struct targets *targets, const char *a, const char *b);

#endif
