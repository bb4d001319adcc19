#ifndef MONITOR_H
#define MONITOR_H

#include "run.h"

#include <stdbool.h>

/* The emulator's QMP socket: what comes is recorded in verdict and keeper. */
void monitor_take(struct run *run);

/* Sends a command (qmp_send), if there is somebody to hear it. */
void monitor_ask(struct run *run, const char *command, const char *id,
    const char *arguments);

/* Sends the next command of the keeper's job, if that is due. */
void monitor_keep(struct run *run);

/* Whether the emulator can be asked for something. */
bool monitor_heeds(const struct run *run);

#endif
