#ifndef ASK_H
#define ASK_H

#include <stddef.h>

/* How asking a program ended. */
enum ask_end {
	ASK_DONE,   /* it ended by itself */
	ASK_SILENT, /* no first byte in time */
	ASK_SLOW,   /* no end in time after the first byte */
	ASK_FAILED, /* not started, or no means to: see error */
};

/* A program to be asked something: run with its stdin from input, its stdout
 * and stderr to us. */
struct ask {
	const char *const *argv;
	const char *input;     /* its stdin, at most 64 KiB; NULL: none */
	int file;              /* becomes its descriptor 3; -1: none */
	int first_ms, rest_ms; /* limits: to the first byte, from there on */

	enum ask_end end;
	int error;      /* errno for ASK_FAILED */
	int status;     /* as from waitpid */
	char *out;      /* its stdout, NUL-terminated, at most ASK_BYTES */
	size_t out_len; /* without the NUL */
	char *err;      /* its stderr, the same */
};

enum { ASK_BYTES = 4 << 20 };

/* Runs it to its end; it is killed when late and never outlives us. out and err
 * are the caller's to free, also after a failure. */
void ask_run(struct ask *ask);

/* The first line of its stderr that is no warning, or "" (in ask->err, which is
 * changed). */
const char *ask_complaint(struct ask *ask);

#endif
