#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>

/* What there is to know about a processor and the machine around it. */
struct target {
	const char *emulator;
	const char *machine; /* a current one, never of a version */
	const char *cpu;     /* without KVM */
	const char *console; /* Linux's name for the machine's own uart */
	bool isa;            /* ports: pvpanic, isa-debug-exit */
	bool semihosting;
};

/* Indexed like target_names, which NULL ends. */
extern const struct target targets[];
extern const char *const target_names[];

/* What a machine's name says about what can be plugged in. */
struct machine_kind {
	const char *name;
	bool isa, pci;
	int ide_units; /* on an IDE bus; 0: it has none */
};

/* The kind of a -machine value ("virt,gic-version=3", "pc-q35-7.2"); NULL when
 * it is none that we know. */
const struct machine_kind *machine_kind(const char *machine);

#endif
