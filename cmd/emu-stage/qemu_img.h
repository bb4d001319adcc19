#ifndef QEMU_IMG_H
#define QEMU_IMG_H

#include "recipe.h"

/* Have qemu-img(1) make recipe->out: a qcow2 overlay on the source, or the raw
 * form of it. */
void qemu_img_overlay(struct staging *staging, struct recipe *recipe);
void qemu_img_convert(struct staging *staging, struct recipe *recipe);

#endif
