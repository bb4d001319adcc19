#ifndef QEMU_IMG_H
#define QEMU_IMG_H

#include "recipe.h"

/* These run qemu-img(1) to make recipe->out: a qcow2 overlay on the source, or
 * a raw image with the content of the source. They store the recipe's size,
 * and end the program when qemu-img fails. */
void qemu_img_overlay(struct staging *staging, struct recipe *recipe);
void qemu_img_convert(struct staging *staging, struct recipe *recipe);

#endif
