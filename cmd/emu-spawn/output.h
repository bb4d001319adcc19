#ifndef OUTPUT_H
#define OUTPUT_H

#include "line.h"
#include "options.h"
#include "program.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* The lines, and what each is read from: the descriptor of the same number. The
 * serial line has the pty too. The last two lines are a command's in the guest.
 */
enum {
	OUTPUT_SERIAL, /* the emulator's stdout */
	OUTPUT_ERRORS, /* and stderr */
	OUTPUT_COMMAND_OUT,
	OUTPUT_COMMAND_ERR,
	OUTPUT_LINES,
	OUTPUT_PTY = OUTPUT_LINES,
	OUTPUT_SOURCES,
	/* What is polled: the sources and the sinks of all lines. */
	OUTPUT_POLLED = OUTPUT_SOURCES + OUTPUT_LINES * SINKS,
};

/* What the emulator writes, and where it goes. What fails is noted here and in
 * the lines and sinks; what that means is for the loop to say. */
struct output {
	int sources[OUTPUT_SOURCES]; /* the emulator's, while they last; -1 */
	struct line lines[OUTPUT_LINES];
	struct line *shown; /* the line whose SINK_OUT is our stdout */
	int source_error;   /* errno with which reading failed; 0 */

	uint64_t first_byte; /* clock_now; UINT64_MAX: none yet */
	uint64_t last_byte;
	uint64_t rest_until; /* the sources are left alone until then; 0 */
	uint64_t last_read;  /* when there was something to read */
};

/* Makes an output without sources, rings and sinks. */
void output_init(struct output *output);

/* Opens lines, stdout, stderr and the log. With `ports`, stdout and stderr are
 * those of the command in the guest. Ends the program when that fails. */
void output_open(
    struct output *output, const struct options *options, bool ports);

/* Makes the emulator's descriptors the sources. They still belong to it. */
void output_connect(struct output *output, const struct program *emulator);

/* Tells whether a source may be read now: its line has room, or its bytes are
 * dropped. */
bool output_may_read(const struct output *output, int source, bool drop);

/* Stores what to poll for: the sources that may be read, and the sinks. */
void output_arm(
    const struct output *output, bool drop, struct pollfd fds[OUTPUT_POLLED]);

/* Reads what there is, and gives it to whoever takes it. With `drop`, bytes for
 * which there is no room are counted and thrown away; with `ended`, nobody is
 * left who could write. Without either, and while only a few bytes come at a
 * time, the sources are left alone for a moment afterwards. Returns how many
 * bytes the lines had. */
uint64_t output_read(
    struct output *output, bool drop, bool ended, uint64_t now);

/* Gives all sinks what they take, and closes those whose readers have gone, as
 * the poll has told. */
void output_give(struct output *output, const struct pollfd fds[OUTPUT_POLLED]);

/* Returns how many bytes all sinks together lack. */
uint64_t output_lacked(const struct output *output);

/* Tells whether all sources have ended. */
bool output_dry(const struct output *output);

/* Counts the bytes that are still in the pipes, and throws them away. */
void output_discard(struct output *output);

/* Returns how many bytes of the line that is shown have not reached stdout. */
uint64_t output_undelivered(const struct output *output);

#endif
