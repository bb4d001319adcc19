#ifndef PORTS_H
#define PORTS_H

#include "reason.h"

#include <jansson.h>
#include <stdbool.h>

/* The ports of the host that QEMU forwards to the guest, of which it has chosen
 * some itself. */

/* Whether these words forward any. */
bool ports_wanted(char *const *argv);

/* Reads what QEMU's monitor says to "info usernet". Returns a new array of
 * objects with `protocol` ("tcp", "udp"), `guest` and `host`; NULL when memory
 * is short. */
json_t *ports_parse(const char *text);

/* Writes the file `ports` in $EMU_SCRATCH, a line "pid PID", which is ours, and
 * a line "tcp GUEST HOST" a port; NULL removes it. Without that variable,
 * nothing. Returns 0, or -1 with the reason.
 */
int ports_write(const json_t *ports, struct reason *why);

#endif
