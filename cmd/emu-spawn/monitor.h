#ifndef MONITOR_H
#define MONITOR_H

#include "run.h"

#include <stdbool.h>

/* The emulator's QMP socket: what comes is recorded in verdict and keeper. */
void monitor_take(struct run *run);

/* Sends a command, if there is somebody to hear it. */
void monitor_ask(struct run *run, const char *command);

/* It can be used no more; error is the errno that told. */
void monitor_lose(struct run *run, int error);

/* Whether the emulator can be asked for something. */
bool monitor_heeds(const struct run *run);

#endif
