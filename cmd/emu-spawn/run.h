#ifndef RUN_H
#define RUN_H

#include "children.h"
#include "command_port.h"
#include "guard.h"
#include "guest_input.h"
#include "keeper.h"
#include "limit.h"
#include "options.h"
#include "output.h"
#include "ports.h"
#include "program.h"
#include "qmp.h"
#include "reason.h"
#include "run_dir.h"
#include "shared_line.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum phase {
	RUN_RUNNING,  /* the emulator runs, and shall */
	RUN_KEEPING,  /* it shall end, when -D and -P have theirs */
	RUN_STOPPING, /* it was told to end */
	RUN_DRAINING, /* it is gone; the last bytes are on their way */
	RUN_DONE,
};

/* A machine that is silent for LIMIT_NOTE is told of, and runs on. */
enum { LIMIT_TOTAL, LIMIT_FIRST, LIMIT_SILENCE, LIMIT_NOTE, LIMITS };

/* What an emulator that has to end is told, one after the other. */
enum word {
	WORD_NONE,
	WORD_COMMAND, /* the command in the guest is sent a signal */
	WORD_QUIT,    /* by QMP */
	WORD_TERM,
	WORD_KILL,
	WORD_GIVE_UP, /* it sits in the kernel; nobody can help that */
};

/* A run of an emulator, and all that is known and wanted of it. */
struct run {
	const struct options *options;
	enum phase phase;

	struct run_dir dir;
	struct children_ending rest; /* spares what is not the emulator's */
	struct guard guard;
	int signals;       /* signalfd */
	sigset_t old_mask; /* the caller's, for what we start */

	struct program emulator;
	char *const *words; /* of the emulator */
	char **argv; /* its words and -incoming; owned; NULL: only its own */
	struct output output;
	struct guest_input input;
	/* The command of -X, which talks with the guest: its stdin and stdout
	 * are on the line. Its stdin is a raw terminal, because chat(8) wants
	 * one. The serial line's sink has the master. */
	struct program dialog;
	int dialog_status; /* as a shell has it; -1: it has not ended */
	bool has_ports;    /* it runs a command in the guest */
	bool forwards;     /* it forwards ports of the host */
	json_t *ports;     /* those, once they are known; owned */
	struct command_port port;
	struct shared_line shared; /* for a kernel without its ports */
	struct qmp qmp;
	struct verdict verdict;
	struct keeper keeper;
	bool save_asked;    /* by a signal */
	bool saved;         /* -Z has its memory */
	enum word said;     /* the last one */
	uint64_t next_word; /* when the one behind it is due */

	int interrupted; /* the last signal that we were sent; 0 */
	bool impatient;  /* another came: go on at once */
	uint64_t await;  /* when the end of itself is overdue; 0: not awaited */
	uint64_t give_up; /* when to let what drains be */
	uint64_t given;   /* output_progress when that was set */

	struct limit limits[LIMITS];
	uint64_t delay;        /* limit_run_delay of the emulator */
	uint64_t delay_at;     /* when that was looked at */
	uint64_t paused_since; /* the guest stands still; 0: it does not */

	uint64_t oom_kills; /* before the start */
	bool ended;         /* then the next one holds */
	int wait_status;
	struct timespec start;
	uint64_t started_at; /* clock_now */
	uint64_t ended_at;
};

/* Makes a run in which everything is closed. */
void run_init(struct run *run, const struct options *options);

/* Opens all that the options name and the words want. from_stdin: they came
 * from there. Returns 0, or -1 with the reason. */
int run_open(
    struct run *run, char *const *argv, bool from_stdin, struct reason *why);

/* Starts the emulator and -X. Returns 0, or -1 with the verdict decided. */
int run_start(struct run *run, char *const *argv);

/* Ends -X, if it runs, and records how it ended. */
void run_end_dialog(struct run *run);

/* The emulator has ended and everything is delivered: makes the verdict
 * final. */
void run_judge(struct run *run);

/* Puts everything back that others see: terminal, socket, directory. Returns 0,
 * or -1 with the reason. */
int run_leave(struct run *run, struct reason *why);

void run_close(struct run *run);

#endif
