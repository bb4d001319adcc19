#ifndef ZBOOT_H
#define ZBOOT_H

#include "stream.h"

/* When *stream begins with an EFI zboot kernel (Linux,
 * drivers/firmware/efi/libstub/zboot-header.S), puts a stream on top of it that
 * has the compressed kernel alone. */
void zboot_open(struct stream **stream);

#endif
