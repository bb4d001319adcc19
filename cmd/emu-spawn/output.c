#include "output.h"

#include "../fatal.h"
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

void
output_init(struct output *output)
{
	*output = (struct output){
	    .first_byte = UINT64_MAX,
	    .last_byte = UINT64_MAX,
	};
	for (int i = 0; i < OUTPUT_SOURCES; i++)
		output->sources[i] = -1;
	for (int i = 0; i < OUTPUT_LINES; i++)
		line_init(&output->lines[i]);
	output->shown = &output->lines[OUTPUT_SERIAL];
}

/* The reader of a FIFO may be on its way: it is waited for as long as the grace
 * is. */
static void
open_log(struct line *line, const struct options *options)
{
	uint64_t end = clock_now() + options->grace;
	struct reason why;
	struct stat st;
	int fd;

	while ((fd = output_file_open(options->log, &why)) < 0 &&
	       errno == ENXIO && clock_now() < end)
		clock_sleep(log_rest_ns);
	fatal_if(fd < 0, &why);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		line->log = fd;
		return;
	}
	if (nonblocking_open(&line->sinks[SINK_LOG].stream, fd, O_WRONLY) < 0)
		fatal_errno(options->log);
	close(fd);
}

void
output_open(struct output *output, const struct options *options, bool ports)
{
	struct line *lines = output->lines;

	for (int i = 0; i < OUTPUT_LINES; i++)
		if (line_grow(
			&lines[i], i == OUTPUT_SERIAL && options->socket != NULL
				       ? RING_BYTES_CLIENTS
				       : RING_BYTES) < 0)
			fatal_memory();
	if (options->awaited != NULL && options->awaited[0] != '\0')
		lines[OUTPUT_SERIAL].awaited = options->awaited;
	output->shown = &lines[ports ? OUTPUT_COMMAND_OUT : OUTPUT_SERIAL];
	if (nonblocking_open(&output->shown->sinks[SINK_OUT].stream,
		STDOUT_FILENO, O_WRONLY) < 0)
		fatal_errno("<stdout>");
	/* Without a stderr that can be had, what goes there is only kept. */
	nonblocking_open(&lines[OUTPUT_ERRORS].sinks[SINK_OUT].stream,
	    STDERR_FILENO, O_WRONLY);
	if (ports)
		nonblocking_open(
		    &lines[OUTPUT_COMMAND_ERR].sinks[SINK_OUT].stream,
		    STDERR_FILENO, O_WRONLY);
	if (options->log != NULL)
		open_log(&lines[OUTPUT_SERIAL], options);
}

void
output_connect(struct output *output, const struct program *emulator)
{
	output->sources[OUTPUT_SERIAL] = emulator->out;
	output->sources[OUTPUT_PTY] = emulator->master;
	output->sources[OUTPUT_ERRORS] = emulator->err;
	output->sources[OUTPUT_COMMAND_OUT] = emulator->ports[PORT_OUT];
	output->sources[OUTPUT_COMMAND_ERR] = emulator->ports[PORT_ERR];
}

/* The pty's is the serial line. */
static int
line_number(int source)
{
	return source % OUTPUT_LINES;
}

bool
output_may_read(const struct output *output, int source, bool drop)
{
	const struct line *line = &output->lines[line_number(source)];

	return output->sources[source] >= 0 &&
	       (line_room(line) > 0 || line->dropped > 0 || drop);
}

void
output_arm(
    const struct output *output, bool drop, struct pollfd fds[OUTPUT_POLLED])
{
	for (int i = 0; i < OUTPUT_SOURCES; i++) {
		bool read =
		    output->rest_until == 0 && output_may_read(output, i, drop);

		fds[i] = (struct pollfd){
		    .fd = read ? output->sources[i] : -1, .events = POLLIN};
	}
	for (int i = 0; i < OUTPUT_LINES * SINKS; i++) {
		const struct line *line = &output->lines[i / SINKS];
		const struct sink *sink = &line->sinks[i % SINKS];

		fds[OUTPUT_SOURCES + i] = (struct pollfd){.fd = sink->stream.fd,
		    .events = line_given(line, sink) ? 0 : POLLOUT};
	}
}

void
output_give(struct output *output, const struct pollfd fds[OUTPUT_POLLED])
{
	for (int i = 0; i < OUTPUT_LINES; i++)
		line_give(&output->lines[i]);
	for (int i = 0; i < OUTPUT_LINES * SINKS; i++) {
		const struct pollfd *p = &fds[OUTPUT_SOURCES + i];
		struct sink *sink = &output->lines[i / SINKS].sinks[i % SINKS];

		if (sink->stream.fd >= 0 && sink->stream.fd == p->fd &&
		    (p->revents & NONBLOCKING_GONE))
			line_release(sink, EPIPE);
	}
}

/* Reads from a source until it has no more or others shall have a turn. */
static void
read_source(struct output *output, int source, bool drop, bool ended)
{
	struct line *line = &output->lines[line_number(source)];
	ssize_t n = 1;

	for (int i = 0; i < READS && n > 0; i++) {
		if (!output_may_read(output, source, drop))
			return;
		n = line_fill(line, output->sources[source]);
		if (n > 0)
			line_give(line);
	}
	bool none = n < 0 && (errno == EAGAIN || errno == EINTR);
	/* A pty master ends with EIO; a socket whose other end has left
	 * something unread with ECONNRESET. */
	if (n < 0 && !none && errno != ECONNRESET &&
	    !(source == OUTPUT_PTY && errno == EIO))
		output->source_error = errno;
	/* No writer is left: EAGAIN now means end of file. */
	if (n <= 0 && (!none || ended))
		output->sources[source] = -1;
}

/* Of the lines that count as the machine's. */
static uint64_t
bytes_read(const struct output *output)
{
	uint64_t sum = 0;

	for (int i = 0; i < OUTPUT_LINES; i++)
		if (i != OUTPUT_ERRORS)
			sum +=
			    output->lines[i].total + output->lines[i].dropped;
	return sum;
}

/* While bytes trickle (so many came just now): leaves the sources alone for a
 * moment, so that there is more than one to read. */
static void
rest(struct output *output, uint64_t bytes, uint64_t now)
{
	uint64_t time =
	    output->sources[OUTPUT_SERIAL] < 0 ? rest_pty_ns : rest_pipe_ns;

	if (bytes < FEW && now - output->last_read < 2 * time)
		output->rest_until = now + time;
	output->last_read = now;
}

uint64_t
output_read(struct output *output, bool drop, bool ended, uint64_t now)
{
	uint64_t before = bytes_read(output);

	if (now < output->rest_until)
		return 0;
	output->rest_until = 0;
	for (int source = 0; source < OUTPUT_SOURCES; source++)
		read_source(output, source, drop, ended);
	uint64_t bytes = bytes_read(output) - before;
	if (bytes == 0)
		return 0;
	if (output->first_byte == UINT64_MAX)
		output->first_byte = now;
	output->last_byte = now;
	if (!drop && !ended)
		rest(output, bytes, now);
	return bytes;
}

uint64_t
output_lacked(const struct output *output)
{
	uint64_t sum = 0;

	for (int i = 0; i < OUTPUT_LINES * SINKS; i++) {
		const struct line *line = &output->lines[i / SINKS];
		const struct sink *sink = &line->sinks[i % SINKS];

		if (!line_given(line, sink))
			sum += line->total - sink->at;
	}
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
		       line_drop(&output->lines[line_number(i)],
			   output->sources[i]) > 0)
			;
}

uint64_t
output_undelivered(const struct output *output)
{
	const struct line *shown = output->shown;

	return shown->total + shown->dropped - shown->sinks[SINK_OUT].at;
}
