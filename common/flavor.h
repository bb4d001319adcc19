#ifndef FLAVOR_H
#define FLAVOR_H

#include "image.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A flavor, botanist's machine of one era: share/flavors/NAME.json. */
struct flavor {
	const char *name;
	json_t *file; /* owned; the members below are borrowed from it */
	/* Its machines: {target, kvm, type, words: [[option, value] ...]}. */
	const json_t *machines;
	const json_t
	    *disks; /* names of images; the first one present is its disk */
	json_int_t storage;     /* bytes that the disk is grown to */
	const char *disk_id;    /* id of the drive */
	const json_t *last;     /* [[option, value] ...], after the devices */
	json_int_t x64_threads; /* threads of a core, if there is more than one
				CPU; 0: not given */
	const json_t *features; /* of an aemu, without KVM */
	/* The kernel's arguments: objects with "text", and some with a key of
	 * the document whose value follows the text, with the only target that
	 * has the argument, or with another origin for -e. */
	const json_t *args;
	int initrd_required; /* a kernel and a zbi are required */
	int mac_first;       /* the address is the first of the network device's
				options */
	int serial_chardev;  /* -chardev in place of -serial stdio */
	const char *rng_target; /* target that has an rng by default; or NULL */
	const char *nodename;   /* node name in the arguments; or NULL */
	json_int_t vectors;     /* of the network device; -1: none */
};

/* Reads a flavor, "2020" when the name is NULL. Returns 0, or -1 with the
 * reason, which names the file or the flavor. */
int flavor_read(struct flavor *flavor, const char *name, struct reason *why);
void flavor_free(struct flavor *flavor);

/* Returns the image that is the machine's disk, or NULL. */
struct image *flavor_disk(
    const struct flavor *flavor, const struct images *images);

/* Returns the options of botanist's SetTarget for this machine, or NULL when
 * the flavor does not have it. */
const json_t *flavor_machine(
    const struct flavor *flavor, const char *target, bool kvm, bool aemu);

#endif
