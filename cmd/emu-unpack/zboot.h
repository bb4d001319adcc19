#ifndef ZBOOT_H
#define ZBOOT_H

#include "stream.h"

/* When *stream begins with an EFI zboot kernel (Linux,
 * drivers/firmware/efi/libstub/zboot-header.S), puts a stream on top of it that
 * has the compressed kernel alone. Returns 0, or -1 with the reason. *stream is
 * the one to read and to close either way. */
int zboot_open(struct stream **stream, struct reason *why);

#endif
