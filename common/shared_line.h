#ifndef SHARED_LINE_H
#define SHARED_LINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* The ports of a command in the guest (its stdin, stdout, stderr and the
 * control port: 0 to 3) on one serial line, for a kernel without virtio-serial.
 * Both ends run this. On the line an escape byte is followed by
 *   itself        that byte
 *   0, 1, 2, 3    what follows is of that port
 *   B             the line is shared from here on (the guest says it); the host
 *                 heeds nothing before
 *   Z             the port has no more
 *   X             the port has lost its reader
 *   +             SHARED_LINE_STEP more bytes of stdin may be sent
 * A serial line has no flow control: the host sends at most SHARED_LINE_WINDOW
 * bytes of stdin that the guest has not asked for with +. */
enum {
	SHARED_LINE_ESCAPE = 0x10,
	SHARED_LINE_PORTS = 4,
	SHARED_LINE_WINDOW = 4096,
	SHARED_LINE_STEP = 1024,
	/* What is polled: the line both ways, the ports both ways. */
	SHARED_LINE_POLLED = 2 + 2 * SHARED_LINE_PORTS,
};

/* Bytes that wait to be written. */
struct shared_line_queue {
	size_t len;
	char bytes[2 * SHARED_LINE_WINDOW];
};

struct shared_line {
	int in, out;                  /* the line; non-blocking; in is owned */
	int ports[SHARED_LINE_PORTS]; /* sockets; owned; -1: closed */
	bool host;
	bool shared; /* B was said */
	bool over;   /* nobody is at the other end of the line */

	bool escaped;
	int from;      /* port of the bytes that come */
	int to;        /* port of the bytes that go; -1: none was named yet */
	size_t window; /* host: bytes of stdin that may be sent */
	size_t taken;  /* guest: bytes of stdin that were, since the last + */
	bool ended[SHARED_LINE_PORTS]; /* Z came: when all is written */

	struct shared_line_queue raw;
	struct shared_line_queue pending[SHARED_LINE_PORTS];
	struct shared_line_queue sent;
};

/* One end of a line, not shared yet. The guest's says B at once. */
void shared_line_open(struct shared_line *line, bool host, int in, int out,
    const int ports[SHARED_LINE_PORTS]);

/* What to poll for. */
void shared_line_arm(
    const struct shared_line *line, struct pollfd fds[SHARED_LINE_POLLED]);

/* Carries what can be carried without waiting. */
void shared_line_turn(struct shared_line *line);

void shared_line_close(struct shared_line *line);

#endif
