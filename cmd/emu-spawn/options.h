#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_HELPERS = 16 };

/* The limits of -t, -f and -q, and when a silent machine is told of. */
enum { LIMIT_TOTAL, LIMIT_FIRST, LIMIT_SILENCE, LIMIT_NOTE, LIMITS };

/* The command line, as emu-spawn(1) describes it. Times are nanoseconds
 * (already scaled by -T or EMU_TIME_SCALE); 0 is "none". */
struct options {
	const char *words;     /* -a: file with the words */
	const char *core;      /* -D: for the memory of a failed machine */
	const char *directory; /* -C */
	uint64_t limits[LIMITS];
	const char *helpers[OPTIONS_HELPERS]; /* -H: SOCKET=COMMAND */
	size_t helper_count;
	uint64_t patience;     /* with them */
	const char *input;     /* -i */
	uint64_t grace;        /* -k: between asking and killing */
	const char *log;       /* -l */
	bool qmp;              /* -m */
	bool pipes;            /* -n: no pty */
	const char *picture;   /* -P: for the screen of a failed machine */
	const char *record;    /* -o */
	bool tty_output;       /* -p: stdout on the pty too */
	bool reader_may_leave; /* -r */
	unsigned resets;       /* -R: how many end it; 0: none */
	const char *socket;    /* -S */
	double factor;         /* -T; 0: EMU_TIME_SCALE */
	const char *awaited;   /* -W: input waits for this text; NULL */
	const char *command;   /* -X */
	bool success[256];     /* -x: statuses that count as success */
	bool any_success;      /* -x was given */
	const char *save;      /* -Z: directory for the state */
	const char *load;      /* -z: the state to go on from */
	char **argv;           /* cmd and its arguments; NULL: read words */
};

/* Reads the command line and EMU_TIME_SCALE. Prints and exits for -V (0) and
 * for what it cannot read (125). */
void options_parse(struct options *options, int argc, char *argv[]);

#endif
