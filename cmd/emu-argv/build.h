#ifndef BUILD_H
#define BUILD_H

#include "image.h"
#include "place.h"
#include "target.h"
#include "words.h"

#include <stdbool.h>

enum guest { GUEST_FUCHSIA, GUEST_LINUX, GUEST_NONE };

/* A machine on its way from the document to words. */
struct build {
	struct reader reader;
	struct place root;
	struct images images;
	struct words words;
	struct words args;     /* the kernel's arguments */
	struct words features; /* an aemu's */
	json_t *ids;           /* the names of backends so far, a set; owned */
	enum guest guest;
	const char *rule; /* "(guest linux)": the origin of built-in words */
	const struct flavor *flavor;
	const struct target *target;
	const char *emulator; /* the program, as it will be run */
	const char *bus; /* of the machine, for virtio: "pci" or "device" */
	bool aemu;
	bool kvm;
	bool has_kernel, has_net, has_scsi, has_hci;
	unsigned disks[3]; /* drives so far, by the name Linux gives them */
};

/* The file of the image that the key names, absolute; NULL when there is none,
 * noted when it is named and not there. *found is the image when not NULL. */
const char *build_image(struct build *build, const struct place *place,
    const char *key, const struct image **found);

/* The image's file, absolute; NULL when it has none, noted. */
const char *build_image_file(struct build *build, const struct image *image);

/* The path made absolute. */
const char *build_path(struct build *build, const char *path);

/* The path of a file that has to be there, absolute and in botanist's form:
 * cleaned of "//", "." and "..". A fault at the key when it is not. */
const char *build_existing(struct build *build, const struct place *place,
    const char *key, const char *path);

/* The virtio device's name on the machine's bus: virtio-net to virtio-net-pci.
 */
const char *build_virtio(struct build *build, const char *device);

/* Adds each string of the array under the key to the words, from "key[i]". */
void build_strings(struct build *build, const char *key, struct words *words);

/* The origin of what is in a place: "drives[0].image". */
const char *build_origin(
    struct build *build, const struct place *place, const char *key);

/* Takes the name among those of its kind ("drive", "net", "char"). Returns
 * false when it was taken before. */
bool build_take_id(struct build *build, const char *kind, const char *id);

/* The place's "id", or the kind with a number. A fault when it is none as QEMU
 * wants them, or comes twice. */
const char *build_id(struct build *build, const struct place *place,
    const char *kind, size_t number);

/* The key "tcg_thread", or NULL. */
const char *build_thread(const struct build *build);

/* Appends the "options" of a device to the last word: ",key=value" each. */
void build_options(struct build *build, const struct place *place);

#endif
