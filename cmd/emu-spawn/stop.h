#ifndef STOP_H
#define STOP_H

#include <stdbool.h>
#include <stdint.h>

/* What an emulator that has to end is told, one after the other. */
enum stop_word {
	STOP_NOTHING,
	STOP_COMMAND, /* the command in the guest is sent a signal */
	STOP_QUIT,    /* by QMP */
	STOP_TERM,
	STOP_KILL,
	STOP_GIVE_UP, /* it sits in the kernel; nobody can help that */
};

/* The way of an emulator to its end. */
struct stop {
	enum stop_word said; /* the last word */
	uint64_t next;       /* when the next one is due (clock_now) */
};

/* Goes on to the next word and stores when the one behind it is due: grace
 * after a signal to the command, half of it after a quit, the rest of it after
 * a SIGTERM, ten seconds after a SIGKILL. Words of which `may` has no bit, 1 <<
 * STOP_COMMAND or 1 << STOP_QUIT, are left out. Without grace it is SIGKILL at
 * once. Returns the word. */
enum stop_word stop_next(
    struct stop *stop, unsigned may, uint64_t grace, uint64_t now);

#endif
