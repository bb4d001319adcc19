#ifndef TARGET_H
#define TARGET_H

#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What can be plugged into a -machine of the emulator's. */
struct machine_kind {
	const char *name;  /* "virt"; a version may follow: virt-7.2 */
	const char *bus;   /* of virtio devices, as they are named: "pci" */
	const char *panic; /* the device that tells of a panic; NULL: none */
	int isa;           /* has the ports of a PC */
	int ide_units;     /* on an IDE bus; 0: it has none */
};

/* A processor and the machine around it; emu-targets(5) tells of each key. What
 * is NULL or 0 is absent. */
struct target {
	const char *name; /* as documents call it */
	const char *emulator, *machine, *cpu, *console;
	const char *efi; /* the program that UEFI starts, as FAT has its name */
	const char *root, *usr; /* types of partitions, as GUIDs */
	const char *zbi;        /* type of a kernel's item */
	/* In QEMU's descriptions of firmware: the architecture and what its
	 * machines begin with; and Debian's package. */
	const char *architecture, *firmware, *package;
	const json_t *names; /* other spellings */
	const json_t *elf;   /* [[machine, bits, big-endian] ...] */
	const json_t *heads; /* how its kernels begin: [{at, hex, what} ...] */
	int pe;              /* the machine of its UEFI applications */
	int uimage;          /* U-Boot's number for it */
	int semihosting;
	int elf_linux; /* its ELF kernels are, though none says so */
	const struct machine_kind *kind; /* of its machine, or NULL */
};

struct targets {
	struct target *list;
	size_t count;
	struct machine_kind *kinds;
	size_t kind_count;
	json_t *file; /* what all the texts are in */
};

/* Reads share/targets.json, and before it the file that $EMU_TARGETS names: its
 * rows come first, and one of a name that is there takes from the other what it
 * leaves out. Returns 0, or -1 with the reason; targets_free either way. */
int targets_read(struct targets *targets, struct reason *why);
void targets_free(struct targets *targets);

/* The target of that name or spelling, or NULL. */
const struct target *targets_named(
    const struct targets *targets, const char *name);

/* The names of all: "x64, arm64". */
void targets_list(const struct targets *targets, char *text, size_t size);

/* The kind of a -machine value ("virt,gic-version=3", "pc-q35-7.2"); NULL when
 * it is none that is known. */
const struct machine_kind *targets_machine(
    const struct targets *targets, const char *machine);

/* Whether the two are names of one target, as far as that can be told.
 * *targets, which begins as {0} and which the caller frees, is read when it is
 * needed. */
bool targets_same(struct targets *targets, const char *a, const char *b);

#endif
