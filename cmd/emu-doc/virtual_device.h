#ifndef VIRTUAL_DEVICE_H
#define VIRTUAL_DEVICE_H

#include "document.h"
#include "reason.h"
#include "target.h"

#include <jansson.h>

/* A virtual device of a product bundle (the SDK's
 * build/sdk/meta/virtual_device.json). */
struct virtual_device {
	char *file;   /* owned; NULL: there is none */
	json_t *json; /* what it holds; owned */
};

/* Finds the device of that name, or the recommended one when name is NULL, in
 * the manifest at path, relative to the bundle's directory; "": the bundle has
 * none. Returns 0, or -1 with the reason; virtual_device_free either way. */
int virtual_device_find(struct virtual_device *device, const char *directory,
    const char *path, const char *name, struct reason *why);
void virtual_device_free(struct virtual_device *device);

/* The target it is for, or NULL. */
const struct target *virtual_device_target(
    const struct virtual_device *device, const struct targets *targets);

/* Puts its processors, memory, storage, vsock and ports into the document. What
 * it has beyond those is added to *note. Returns 0, or -1 with the reason. */
int virtual_device_add(const struct virtual_device *device,
    struct document *document, struct reason *note, struct reason *why);

#endif
