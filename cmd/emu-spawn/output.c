#include "output.h"

#include "clock.h"
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RING_BYTES = 65536,
	/* Clients that come late get so much of the past. */
	RING_BYTES_CLIENTS = 262144,
	READS = 16, /* in a row from one source, before others have a turn */
	FEW = 4096, /* bytes of a turn that are no reason for a rest */
};

/* QEMU writes the 16550 a byte at a time. A pty holds a few KiB only, and who
 * fills it waits. */
static const uint64_t rest_pipe_ns = 1000000;
static const uint64_t rest_pty_ns = 200000;

/* How often to look for the reader of a log that is a FIFO. */
static const uint64_t log_rest_ns = 10000000;

const struct output output_none = {
    .sources = {-1, -1, -1, -1, -1},
    .line = {.log = -1},
    .errors = {.log = -1},
    .out.stream.fd = -1,
    .log.stream.fd = -1,
    .messages.stream.fd = -1,
    .command_out = {.log = -1},
    .command_err = {.log = -1},
    .command_messages.stream.fd = -1,
    .clients.listener = -1,
    .first_byte = UINT64_MAX,
    .last_byte = UINT64_MAX,
};

/* The reader of a FIFO may be on its way: it is waited for so long. */
static int
open_log_file(const char *name, uint64_t patience, struct reason *why)
{
	uint64_t end = clock_now() + patience;
	int fd;

	while ((fd = output_file_open(name, why)) < 0 && errno == ENXIO &&
	       clock_now() < end)
		clock_poll(NULL, 0, clock_now() + log_rest_ns);
	return fd;
}

static int
open_log(
    struct output *output, const struct options *options, struct reason *why)
{
	const char *name = options->log;
	struct stat st;
	int fd = open_log_file(name, options->grace, why);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		output->line.log = fd;
		return 0;
	}
	int result = stream_open(&output->log.stream, fd, O_WRONLY);
	close(fd);
	if (result < 0)
		return reason_errno(why, "%s", name);
	line_hold(&output->line, &output->log);
	return 0;
}

static void
open_stderr(struct line *line, struct sink *sink)
{
	if (stream_open(&sink->stream, STDERR_FILENO, O_WRONLY) == 0)
		line_hold(line, sink);
}

int
output_open(struct output *output, const struct options *options, bool ports,
    struct reason *why)
{
	size_t ring = options->socket != NULL ? RING_BYTES_CLIENTS : RING_BYTES;

	output->shown = ports ? &output->command_out : &output->line;
	if (line_open(&output->line, ring) < 0 ||
	    line_open(&output->errors, RING_BYTES) < 0 ||
	    line_open(&output->command_out, RING_BYTES) < 0 ||
	    line_open(&output->command_err, RING_BYTES) < 0)
		return reason_memory(why);
	if (stream_open(&output->out.stream, STDOUT_FILENO, O_WRONLY) < 0)
		return reason_errno(why, "<stdout>");
	line_hold(output->shown, &output->out);
	open_stderr(&output->errors, &output->messages);
	if (ports)
		open_stderr(&output->command_err, &output->command_messages);
	return options->log != NULL ? open_log(output, options, why) : 0;
}

void
output_connect(struct output *output, const struct emulator *emulator)
{
	output->sources[OUTPUT_STDOUT] = emulator->out;
	output->sources[OUTPUT_PTY] = emulator->master;
	output->sources[OUTPUT_STDERR] = emulator->err;
	output->sources[OUTPUT_COMMAND_OUT] = emulator->ports[PORT_OUT];
	output->sources[OUTPUT_COMMAND_ERR] = emulator->ports[PORT_ERR];
}

static struct line *
line_of(struct output *output, enum output_source source)
{
	switch (source) {
	case OUTPUT_STDERR:
		return &output->errors;
	case OUTPUT_COMMAND_OUT:
		return &output->command_out;
	case OUTPUT_COMMAND_ERR:
		return &output->command_err;
	default:
		return &output->line;
	}
}

bool
output_may_read(struct output *output, enum output_source source, bool drop)
{
	const struct line *line = line_of(output, source);

	return output->sources[source] >= 0 &&
	       (line_room(line) > 0 || line->dropped > 0 || drop);
}

void
output_give(struct output *output)
{
	if (line_give(output->shown, &output->out) < 0) {
		output->out_error = errno;
		line_release(output->shown, &output->out);
	}
	if (line_give(&output->line, &output->log) < 0) {
		output->log_error = errno;
		line_release(&output->line, &output->log);
	}
	if (line_give(&output->errors, &output->messages) < 0)
		line_release(&output->errors, &output->messages);
	if (line_give(&output->command_err, &output->command_messages) < 0)
		line_release(&output->command_err, &output->command_messages);
	clients_give(&output->clients, &output->line);
}

void
output_hung_up(struct output *output, bool out, bool messages)
{
	if (out && output->out.stream.fd >= 0) {
		output->out_error = EPIPE;
		line_release(output->shown, &output->out);
	}
	if (messages && output->messages.stream.fd >= 0)
		line_release(&output->errors, &output->messages);
}

void
output_hang_up(struct output *output, enum output_source source)
{
	if (output->sources[source] >= 0)
		close(output->sources[source]);
	output->sources[source] = -1;
}

/* Reads from a source until it has no more or others shall have a turn. */
static void
read_source(
    struct output *output, enum output_source source, bool drop, bool ended)
{
	struct line *line = line_of(output, source);
	enum line_result result = LINE_MORE;
	int fd = output->sources[source];

	for (int i = 0; i < READS && result == LINE_MORE &&
			output_may_read(output, source, drop);
	     i++) {
		result = line_room(line) > 0 ? line_fill(line, fd)
					     : line_drop(line, fd);
		if (result == LINE_LOG) {
			output->log_error = errno;
			result = LINE_MORE;
		}
		if (result == LINE_MORE)
			output_give(output);
	}
	/* A pty master ends with EIO; a socket whose other end has left
	 * something unread with ECONNRESET. */
	if (result == LINE_ERROR && errno != ECONNRESET &&
	    !(source == OUTPUT_PTY && errno == EIO))
		output->source_error = errno;
	/* No writer is left: EAGAIN now means end of file. */
	if (result == LINE_END || result == LINE_ERROR ||
	    (result == LINE_AGAIN && ended))
		output->sources[source] = -1;
}

static uint64_t
bytes_read(const struct output *output)
{
	return output->line.total + output->line.dropped +
	       output->command_out.total + output->command_err.total;
}

uint64_t
output_read(struct output *output, bool drop, bool ended, uint64_t now)
{
	uint64_t before = bytes_read(output);

	for (int source = 0; source < OUTPUT_SOURCES; source++)
		read_source(output, (enum output_source)source, drop, ended);
	uint64_t bytes = bytes_read(output) - before;
	if (bytes > 0 && output->first_byte == UINT64_MAX)
		output->first_byte = now;
	if (bytes > 0)
		output->last_byte = now;
	return bytes;
}

void
output_rest(struct output *output, uint64_t bytes, bool pty, uint64_t now)
{
	uint64_t rest = pty ? rest_pty_ns : rest_pipe_ns;

	if (bytes < FEW && now - output->last_read < 2 * rest)
		output->rest_until = now + rest;
	output->last_read = now;
}

bool
output_given(const struct output *output)
{
	return line_given(output->shown, &output->out) &&
	       line_given(&output->command_err, &output->command_messages) &&
	       line_given(&output->line, &output->log) &&
	       line_given(&output->errors, &output->messages) &&
	       clients_given(&output->clients, &output->line);
}

uint64_t
output_progress(const struct output *output)
{
	uint64_t sum = output->out.at + output->log.at + output->messages.at +
		       output->command_messages.at;

	for (size_t i = 0; i < output->clients.count; i++)
		sum += output->clients.list[i].sink.at;
	return sum;
}

bool
output_dry(const struct output *output)
{
	for (int i = 0; i < OUTPUT_SOURCES; i++)
		if (output->sources[i] >= 0)
			return false;
	return true;
}

void
output_discard(struct output *output)
{
	for (int i = 0; i < OUTPUT_SOURCES; i++)
		while (output->sources[i] >= 0 &&
		       line_drop(line_of(output, (enum output_source)i),
			   output->sources[i]) == LINE_MORE)
			;
}

uint64_t
output_undelivered(const struct output *output)
{
	const struct line *shown = output->shown;

	return shown == NULL ? 0
			     : shown->total + shown->dropped - output->out.at;
}

void
output_close(struct output *output)
{
	clients_close(&output->clients);
	line_close(&output->line);
	line_close(&output->errors);
	line_close(&output->command_out);
	line_close(&output->command_err);
	stream_close(&output->command_messages.stream);
	stream_close(&output->out.stream);
	stream_close(&output->log.stream);
	stream_close(&output->messages.stream);
}
