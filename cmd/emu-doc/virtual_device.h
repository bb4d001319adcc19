#ifndef VIRTUAL_DEVICE_H
#define VIRTUAL_DEVICE_H

#include "reason.h"

#include <jansson.h>

/* Adds the hardware of a virtual device (the SDK's
 * build/sdk/meta/virtual_device.json) to the document: processors, memory,
 * storage, display, inputs, vsock and ports, and the target, unless the
 * document has one. The device is the one called name, or the recommended one
 * when name is NULL, among those of the manifest, the file that lists the
 * bundle's devices. Hardware of other kinds is named in *note. An error ends
 * the program. */
void virtual_device_add(json_t *document, const char *manifest,
    const char *name, struct reason *note);

#endif
