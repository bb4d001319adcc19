#ifndef CONTENTS_H
#define CONTENTS_H

#include "machine.h"
#include "words.h"

/* Looks into the files that are there already: refuses a kernel whose command
 * line (args) is too long for it, and a disk without a format that begins as
 * one of another format than raw. */
void contents_check(const struct machine *machine, const struct words *args);

#endif
