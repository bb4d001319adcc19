#ifndef OUTPUT_H
#define OUTPUT_H

#include "clients.h"
#include "emulator.h"
#include "line.h"
#include "options.h"
#include "reason.h"

#include <stdbool.h>
#include <stdint.h>

/* The last two are a command's in the guest. */
enum output_source {
	OUTPUT_STDOUT,
	OUTPUT_PTY,
	OUTPUT_STDERR,
	OUTPUT_COMMAND_OUT,
	OUTPUT_COMMAND_ERR,
	OUTPUT_SOURCES
};

/* What the emulator writes, and where it goes. What fails is noted here; what
 * that means is for the loop to say. */
struct output {
	int sources[OUTPUT_SOURCES]; /* the emulator's, while they last; -1 */
	struct line line;            /* the serial line */
	struct sink out;             /* our stdout, of `shown` */
	struct sink log;             /* a log that is no regular file */
	struct line errors;          /* its stderr */
	struct sink messages;        /* our stderr */
	struct line command_out;     /* what a command in the guest writes */
	struct line command_err;
	struct sink command_messages; /* our stderr */
	struct line *shown;           /* the line that stdout has */
	struct clients clients;

	int out_error;    /* errno with which stdout failed; 0: it has not */
	int log_error;    /* the same of the log */
	int source_error; /* and of reading */

	uint64_t first_byte; /* clock_now; UINT64_MAX: none yet */
	uint64_t last_byte;
	uint64_t rest_until; /* the sources are left alone until then; 0 */
	uint64_t last_read;  /* when there was something to read */
};

extern const struct output output_none;

/* Opens lines, stdout, stderr and the log. With `ports`, stdout and stderr are
 * those of the command in the guest. Returns 0, or -1 with the reason;
 * output_close either way. */
int output_open(struct output *output, const struct options *options,
    bool ports, struct reason *why);

/* Begins to read from the emulator. */
void output_connect(struct output *output, const struct emulator *emulator);

/* Whether a source may be read now: there is room, or its bytes are dropped. */
bool output_may_read(
    struct output *output, enum output_source source, bool drop);

/* Reads what there is, and gives it to whoever takes it. With `drop`, bytes for
 * which there is no room are counted and thrown away; with `ended`, nobody is
 * left who could write. Returns how many bytes the line had. */
uint64_t output_read(
    struct output *output, bool drop, bool ended, uint64_t now);

/* While bytes trickle (so many came just now): leaves the sources alone for a
 * moment, so that there is more than one to read. */
void output_rest(struct output *output, uint64_t bytes, bool pty, uint64_t now);

/* Gives all sinks what they take. */
void output_give(struct output *output);

/* Closes a source: nobody reads what it has any more. */
void output_hang_up(struct output *output, enum output_source source);

/* The reader of a sink has hung up. */
void output_hung_up(struct output *output, bool out, bool messages);

/* Whether everybody has every byte, and how many bytes have been given to all
 * together: it grows while somebody takes some. */
bool output_given(const struct output *output);
uint64_t output_progress(const struct output *output);

/* Whether the emulator's side is closed. */
bool output_dry(const struct output *output);

/* Counts the bytes that are still in the pipes, and throws them away. */
void output_discard(struct output *output);

/* How many bytes of the line that is shown have not reached stdout. */
uint64_t output_undelivered(const struct output *output);

void output_close(struct output *output);

#endif
