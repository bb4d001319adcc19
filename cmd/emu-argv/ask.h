#ifndef ASK_H
#define ASK_H

#include "exchange.h"
#include "reason.h"

/* A program to be asked something. */
struct ask {
	const char *const *argv;
	int file;     /* becomes its descriptor 3; -1: none */
	double scale; /* of the limits in the exchange */
	/* The caller sets the limits; out and err are the caller's to free,
	 * also after a failure. */
	struct exchange exchange;
	enum exchange_end end;
	int status; /* as from waitpid */
};

/* Runs it to its end, or kills it, and what it started, when it is late.
 * Returns 0, or -1 with the reason when it could not be run. */
int ask_run(struct ask *ask, struct reason *why);

/* The first line of its stderr that is no warning, or "" (in the exchange's
 * err, which is changed). */
const char *ask_complaint(struct ask *ask);

/* What the program prints, which the caller frees. NULL with the reason when it
 * cannot be run, fails, or takes longer than the seconds, which are scaled. */
char *ask_listing(const char *const *argv, unsigned seconds, double scale,
    struct reason *why);

#endif
