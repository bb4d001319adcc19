#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>

/* What there is to know about a processor and the machine around it. */
struct target {
	const char *name;
	const char *emulator;
	const char *machine; /* a current one, never of a version */
	const char *cpu;     /* without KVM */
	const char *console; /* Linux's name for the machine's own uart */
	bool isa;            /* ports: pvpanic, isa-debug-exit */
	bool semihosting;
};

/* The target called name, or NULL. */
const struct target *target_find(const char *name);

/* The names, for messages: "x64, arm64 ...". */
extern const char target_names[];

enum { OPTIONS_MAX = 5 };

struct option_word {
	const char *option, *value; /* value may be NULL */
};

/* The words of botanist's SetTarget. */
struct botanist_machine {
	const char *target;
	bool kvm, aemu;
	struct option_word words[OPTIONS_MAX]; /* ended by a NULL option */
};

/* An era of botanist. */
struct flavor {
	const char *name;
	const struct botanist_machine *machines; /* ended by a NULL target */
	const char *features[6]; /* aemu's, ended by NULL; KVM is added */
	bool mac_first;          /* of the network device's options */
	bool serial_chardev;     /* -chardev in place of -serial stdio */
	const char *rng_target;  /* has an rng by itself */
	const char *nodename;    /* as an argument; NULL: none */
	const char *vectors;     /* of the network device; NULL: none */
};

/* Indexed like flavor_names, which NULL ends. */
extern const struct flavor flavors[];
extern const char *const flavor_names[];

/* The machine, or NULL. */
const struct botanist_machine *flavor_machine(
    const struct flavor *flavor, const char *target, bool kvm, bool aemu);

/* What a machine's name says about what can be plugged in. */
struct machine_kind {
	const char *name;
	bool isa, pci;
};

/* The kind of a -machine value ("virt,gic-version=3", "pc-q35-7.2"); NULL when
 * it is none that we know. */
const struct machine_kind *machine_kind(const char *machine);

#endif
