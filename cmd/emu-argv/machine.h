#ifndef MACHINE_H
#define MACHINE_H

#include "build.h"

/* The QMP monitor: as the guest has it, added, left out. */
enum monitor { MONITOR_DEFAULT, MONITOR_ON, MONITOR_OFF };

/* Reads the whole document and makes the words. Faults are in the reader. */
void machine_words(struct build *build, enum monitor monitor);

#endif
