#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H

enum { KERNEL_VERSION_BYTES = 128 };

/* Finds the version of a Linux kernel, as uname -r prints it, in the kernel's
 * file: in the header of a bzImage, else after "Linux version " in the kernel,
 * which may be compressed (Image.gz, EFI zboot, zImage). Stores "" when the
 * file has none. A file that cannot be read, or is not a regular one, ends the
 * program. */
void kernel_version_read(const char *path, char version[KERNEL_VERSION_BYTES]);

#endif
