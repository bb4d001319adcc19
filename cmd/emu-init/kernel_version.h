#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H

#include "reason.h"

enum { KERNEL_VERSION_BYTES = 128 };

/* Finds the version of a Linux kernel, as uname -r says it, in its file: in the
 * header of a bzImage, else behind "Linux version " in the kernel, which may be
 * compressed (Image.gz, EFI zboot, zImage). version is "" when there is none to
 * be found. Returns 0, or -1 with the reason when the file cannot be read. */
int kernel_version_read(
    const char *path, char version[KERNEL_VERSION_BYTES], struct reason *why);

#endif
