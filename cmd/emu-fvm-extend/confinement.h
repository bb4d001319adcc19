#ifndef CONFINEMENT_H
#define CONFINEMENT_H

/* Gives up, for good, what growing an image does not need once the files are
 * open: to open any other one, other programs, the network (sandbox.h). In the
 * directory (-1: none) names can still be given and taken away. Call it before
 * any thread is made, and before the first byte of the image is read. */
void confinement_enter(int directory);

#endif
