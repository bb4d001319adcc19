#ifndef VIRTUAL_DEVICE_H
#define VIRTUAL_DEVICE_H

#include "reason.h"

#include <jansson.h>

/* Puts what a virtual device has (the SDK's
 * build/sdk/meta/virtual_device.json) into the document: processors, memory,
 * storage, display, inputs, vsock and ports, and its target, unless the
 * document has one. The device is that of the name, or the recommended one when
 * that is NULL, in the bundle's manifest, a file. What it has beyond those is
 * added to *note. What is wrong with it ends the program. */
void virtual_device_add(json_t *document, const char *manifest,
    const char *name, struct reason *note);

#endif
