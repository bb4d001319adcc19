#ifndef CONTENTS_H
#define CONTENTS_H

#include "machine.h"
#include "words.h"

/* Looks into those files of the machine that exist already. Ends the program
 * when the kernel's command line (args) is too long for the kernel, and when a
 * disk for which no format is given is not raw by its content. */
void contents_check(const struct machine *machine, const struct words *args);

#endif
