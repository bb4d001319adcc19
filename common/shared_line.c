#include "shared_line.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL = 3 };

static size_t
room(const struct shared_line_queue *queue)
{
	return sizeof(queue->bytes) - queue->len;
}

static void
add(struct shared_line_queue *queue, char byte)
{
	queue->bytes[queue->len++] = byte;
}

static void
drop(struct shared_line_queue *queue, size_t len)
{
	queue->len -= len;
	memmove(queue->bytes, queue->bytes + len, queue->len);
}

static void
close_port(struct shared_line *line, int port)
{
	if (line->ports[port] >= 0)
		close(line->ports[port]);
	line->ports[port] = -1;
	line->pending[port].len = 0;
}

/* Whether bytes go that way: stdin to the guest, stdout and stderr to the host,
 * control both ways. */
static bool
goes(int port, bool to_guest)
{
	return port == CONTROL || (port == 0) == to_guest;
}

/* What follows on the line is of that port. */
static void
turn_to(struct shared_line *line, int port)
{
	if (line->to == port)
		return;
	add(&line->sent, SHARED_LINE_ESCAPE);
	add(&line->sent, (char)('0' + port));
	line->to = port;
}

static void
say(struct shared_line *line, int port, char word)
{
	turn_to(line, port);
	add(&line->sent, SHARED_LINE_ESCAPE);
	add(&line->sent, word);
}

void
shared_line_open(struct shared_line *line, bool host, int in, int out,
    const int ports[SHARED_LINE_PORTS])
{
	*line = (struct shared_line){.in = in,
	    .out = out,
	    .host = host,
	    .shared = !host,
	    .to = -1,
	    .window = SHARED_LINE_WINDOW};
	memcpy(line->ports, ports, sizeof(line->ports));
	if (!host)
		say(line, 0, 'B');
}

/* How many bytes of a port may be read for the line now. */
static size_t
wanted(const struct shared_line *line, int port)
{
	size_t most = SHARED_LINE_STEP;

	if (!line->shared || !goes(port, line->host) || line->ports[port] < 0 ||
	    room(&line->sent) < 2 * SHARED_LINE_STEP + 4)
		return 0;
	if (port == 0 && most > line->window)
		most = line->window;
	return most;
}

static struct pollfd
when(bool is, int fd, short events)
{
	return (struct pollfd){.fd = is ? fd : -1, .events = events};
}

void
shared_line_arm(
    const struct shared_line *line, struct pollfd fds[SHARED_LINE_POLLED])
{
	*fds++ = when(!line->over && room(&line->raw) > 0, line->in, POLLIN);
	*fds++ = when(line->sent.len > 0, line->out, POLLOUT);
	for (int i = 0; i < SHARED_LINE_PORTS; i++) {
		*fds++ = when(wanted(line, i) > 0, line->ports[i], POLLIN);
		*fds++ =
		    when(line->pending[i].len > 0, line->ports[i], POLLOUT);
	}
}

/* A byte of a port that has no reader here is dropped. */
static void
sort_byte(struct shared_line *line, char byte)
{
	int port = line->from;

	if (line->shared && line->ports[port] >= 0 && goes(port, !line->host))
		add(&line->pending[port], byte);
}

/* What a console prints before the line is shared means nothing. */
static void
obey(struct shared_line *line, char word)
{
	if (word == 'B')
		line->shared = true;
	else if (!line->shared)
		return;
	else if (word == SHARED_LINE_ESCAPE)
		sort_byte(line, word);
	else if (word >= '0' && word < '0' + SHARED_LINE_PORTS)
		line->from = word - '0';
	else if (word == 'Z')
		line->ended[line->from] = true;
	else if (word == 'X')
		close_port(line, line->from);
	else if (word == '+')
		line->window += SHARED_LINE_STEP;
}

/* Sorts what came by ports, as far as there is room. */
static void
sort(struct shared_line *line)
{
	size_t at = 0;

	for (; at < line->raw.len; at++) {
		struct shared_line_queue *pending = &line->pending[line->from];
		char byte = line->raw.bytes[at];

		if (room(pending) == 0)
			break;
		if (line->escaped) {
			line->escaped = false;
			obey(line, byte);
		} else if (byte == SHARED_LINE_ESCAPE) {
			line->escaped = true;
		} else {
			sort_byte(line, byte);
		}
	}
	drop(&line->raw, at);
}

static void
give(struct shared_line *line, int port)
{
	struct shared_line_queue *pending = &line->pending[port];
	ssize_t n = 0;

	if (line->ports[port] < 0 || room(&line->sent) < 16)
		return;
	if (pending->len > 0)
		n = send(line->ports[port], pending->bytes, pending->len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0) {
		drop(pending, (size_t)n);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		close_port(line, port);
		say(line, port, 'X');
	}
	if (port == 0 && n > 0)
		line->taken += (size_t)n;
	for (; line->taken >= SHARED_LINE_STEP && room(&line->sent) >= 16;
	     line->taken -= SHARED_LINE_STEP)
		say(line, 0, '+');
	if (line->ended[port] && pending->len == 0 && line->ports[port] >= 0) {
		shutdown(line->ports[port], SHUT_WR);
		line->ended[port] = false;
	}
}

static void
take(struct shared_line *line, int port)
{
	char bytes[SHARED_LINE_STEP];
	size_t most = wanted(line, port);
	ssize_t n;

	if (most == 0)
		return;
	n = recv(line->ports[port], bytes, most, MSG_DONTWAIT);
	if (n < 0)
		return;
	if (n == 0) {
		close_port(line, port);
		say(line, port, 'Z');
		return;
	}
	turn_to(line, port);
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == SHARED_LINE_ESCAPE)
			add(&line->sent, SHARED_LINE_ESCAPE);
		add(&line->sent, bytes[i]);
	}
	if (port == 0)
		line->window -= (size_t)n;
}

void
shared_line_turn(struct shared_line *line)
{
	ssize_t n;

	if (line->in < 0)
		return;
	if (!line->over && room(&line->raw) > 0) {
		n = read(line->in, line->raw.bytes + line->raw.len,
		    room(&line->raw));
		if (n > 0)
			line->raw.len += (size_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			line->over = true;
	}
	sort(line);
	for (int i = 0; i < SHARED_LINE_PORTS; i++) {
		give(line, i);
		take(line, i);
	}
	if (line->sent.len == 0)
		return;
	n = write(line->out, line->sent.bytes, line->sent.len);
	if (n > 0)
		drop(&line->sent, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		line->sent.len = 0;
}

void
shared_line_close(struct shared_line *line)
{
	for (int i = 0; i < SHARED_LINE_PORTS; i++)
		close_port(line, i);
	if (line->in >= 0)
		close(line->in);
	line->in = -1;
}
