#ifndef FLASH_H
#define FLASH_H

#include "build.h"

/* The flash pair, and with it a guest fuchsia's disk to boot. */
void flash_add(struct build *build);

#endif
