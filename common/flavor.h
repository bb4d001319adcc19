#ifndef FLAVOR_H
#define FLAVOR_H

#include "image.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* An era of botanist: share/flavors/NAME.json. */
struct flavor {
	const char *name;
	json_t *file; /* owned; what follows is borrowed from it */
	/* Its machines: {target, kvm, type, words: [[option, value] ...]}. */
	const json_t *machines;
	const json_t *disks;    /* images, the first there is its disk */
	int64_t storage;        /* bytes that the disk grows to */
	const char *disk_id;    /* the name of its drive */
	const json_t *last;     /* [[option, value] ...] behind the devices */
	int64_t x64_threads;    /* of a core, when there are more than one CPU;
				   0: not said */
	const json_t *features; /* an aemu's; KVM is added */
	/* The kernel's arguments: {text}, and of some a key of the document
	 * whose value follows, the only target, another origin. */
	const json_t *args;
	int initrd_required;    /* a kernel and a zbi, and no firmware alone */
	int mac_first;          /* of the network device's options */
	int serial_chardev;     /* -chardev in place of -serial stdio */
	const char *rng_target; /* has an rng by itself, or NULL */
	const char *nodename;   /* as an argument; NULL: none */
	int64_t vectors;        /* of the network device; -1: none */
};

/* Reads a flavor: "2020" when the name is NULL. Returns 0, or -1 with the
 * reason, which names the file or the flavor. */
int flavor_read(struct flavor *flavor, const char *name, struct reason *why);
void flavor_free(struct flavor *flavor);

/* The machine's disk: the first that is there of the flavor's, or NULL. */
struct image *flavor_disk(
    const struct flavor *flavor, const struct images *images);

/* The words of botanist's SetTarget, or NULL when it has no such machine. */
const json_t *flavor_machine(
    const struct flavor *flavor, const char *target, bool kvm, bool aemu);

#endif
