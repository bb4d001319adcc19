#ifndef BOTANIST_H
#define BOTANIST_H

#include "build.h"

/* Botanist's SetTarget, with what the document says in place of its words. */
void botanist_machine(struct build *build);

/* The words of type "aemu" before the kernel, and those behind it. */
void botanist_aemu_before(struct build *build);
void botanist_aemu_devices(struct build *build);

#endif
