#ifndef ASK_H
#define ASK_H

#include "exchange.h"
#include "reason.h"

/* A question to a program: the program is run, and what it prints is the
 * answer. */
struct ask {
	const char *const *argv;
	int file;     /* becomes the program's descriptor 3; -1: none */
	double scale; /* of the limits in the exchange */
	/* The caller sets the limits, and frees out and err whatever the
	 * result. */
	struct exchange exchange;
	enum exchange_end end;
	int status; /* as waitpid(2) returns it */
};

/* Runs the program until it ends or a limit is reached; then the program and
 * what it started are killed. Returns 0, or -1 with the reason when it could
 * not be run. */
int ask_run(struct ask *ask, struct reason *why);

/* Returns the first line on the program's stderr that is not a warning, or "".
 * The line lies in exchange.err, which is changed. */
const char *ask_complaint(struct ask *ask);

/* Runs the program and returns what it printed, which the caller frees. Returns
 * NULL with the reason when it cannot be run, fails, or takes longer than
 * `seconds` times `scale`. */
char *ask_listing(const char *const *argv, unsigned seconds, double scale,
    struct reason *why);

/* Returns what the program, given two words at the most, prints or printed
 * before (remember_get); the caller frees it. Returns NULL when the program
 * cannot be run, fails, or takes longer than 30 s times `scale`. */
char *ask_remembered(const char *const *argv, double scale);

#endif
