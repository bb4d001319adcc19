#ifndef CONFINEMENT_H
#define CONFINEMENT_H

#include "reason.h"

/* Gives up, for good, what growing an image does not need once the files are
 * open: to open any other one, other programs, the network (sandbox.h). In the
 * directory (-1: none) names can still be given and taken away. Call it before
 * any thread is made, and before the first byte of the image is read. Returns
 * 0, or -1 with the reason. */
int confinement_enter(int directory, struct reason *why);

#endif
