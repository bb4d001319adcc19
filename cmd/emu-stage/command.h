#ifndef COMMAND_H
#define COMMAND_H

#include "made.h"
#include "reason.h"

#include <stdbool.h>
#include <sys/types.h>

/* A program that makes images for us. */
struct command {
	const char *const *argv; /* ended by NULL */
	int in;                  /* its stdin; -1: in_path */
	const char *in_path;     /* opened as its stdin; NULL: /dev/null */
	int keep;                /* a descriptor it has as 3, or -1 */
	pid_t pid;
	int words; /* with has_words: what it reads on 3, to be closed by us */
	int out;   /* what it prints, to be closed by us */
	bool has_words;
};

/* Starts it. Returns 0, or -1 with the reason. */
int command_start(
    struct command *command, struct made *made, struct reason *why);

/* Waits for its end. Returns 0 when it succeeded, or -1 with the reason: ""
 * when it has said one itself. */
int command_wait(
    struct command *command, struct made *made, struct reason *why);

#endif
