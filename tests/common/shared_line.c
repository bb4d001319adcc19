/* shared_line CASE: the two ends of a shared line, or one of them and its wire.
 * Ends in 0 when the case holds; otherwise a message says what came instead. */
#include "shared_line.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONTROL = 3, MUCH = 200000 };

/* One end, and what its user has of the ports. */
struct end {
	struct shared_line line;
	int user[SHARED_LINE_PORTS];
};

static void
pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		fds) < 0)
		err(2, "socketpair");
}

static void
open_end(struct end *end, bool host, int wire)
{
	int ports[SHARED_LINE_PORTS];

	for (int i = 0; i < SHARED_LINE_PORTS; i++) {
		int fds[2];

		pair(fds);
		end->user[i] = fds[0];
		ports[i] = fds[1];
	}
	shared_line_open(&end->line, host, wire, wire, ports);
}

static void
open_ends(struct end ends[2])
{
	int wire[2];

	pair(wire);
	open_end(&ends[0], true, wire[0]);
	open_end(&ends[1], false, wire[1]);
}

/* Turns the ends until what they poll for does not come. */
static void
carry(struct end *ends, int count)
{
	struct pollfd fds[2 * SHARED_LINE_POLLED];
	int ready = 1;

	while (ready > 0) {
		for (int i = 0; i < count; i++) {
			shared_line_turn(&ends[i].line);
			shared_line_arm(
			    &ends[i].line, fds + i * SHARED_LINE_POLLED);
		}
		ready = poll(fds, (nfds_t)(count * SHARED_LINE_POLLED), 0);
	}
}

static void
close_ends(struct end *ends, int count)
{
	for (int i = 0; i < count; i++) {
		shared_line_close(&ends[i].line);
		for (int j = 0; j < SHARED_LINE_PORTS; j++)
			close(ends[i].user[j]);
	}
}

static void
say(int fd, const char *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		err(1, "send");
}

static void
expect(const char *what, int fd, const char *bytes, size_t len)
{
	char got[64];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	if (n < 0 && len > 0)
		err(1, "%s", what);
	if ((n < 0 ? 0 : (size_t)n) != len || memcmp(got, bytes, len) != 0)
		errx(
		    1, "%s: %zd bytes: %.*s", what, n, n < 0 ? 0 : (int)n, got);
}

/* Bytes on their way through a port. */
struct flow {
	int from, to;
	unsigned char bytes[MUCH];
	size_t sent, got;
};

static void
flow_turn(struct flow *flow, size_t most)
{
	unsigned char got[5000];
	size_t left = MUCH - flow->sent;
	ssize_t n = send(flow->from, flow->bytes + flow->sent,
	    left < most ? left : most, MSG_NOSIGNAL);

	if (n > 0)
		flow->sent += (size_t)n;
	n = recv(flow->to, got, sizeof(got), 0);
	if (n <= 0)
		return;
	if (flow->got + (size_t)n > MUCH ||
	    memcmp(got, flow->bytes + flow->got, (size_t)n) != 0)
		errx(1, "other bytes at %zu", flow->got);
	flow->got += (size_t)n;
}

/* Much goes through every port at once, in pieces of all sizes; every eighth
 * byte is an escape. */
static void
test_bytes(void)
{
	static struct flow flows[SHARED_LINE_PORTS + 1];
	static struct end ends[2];
	const int count = SHARED_LINE_PORTS + 1;
	bool all = false;

	open_ends(ends);
	for (int i = 0; i < count; i++) {
		int port = i % SHARED_LINE_PORTS;
		bool in = i == 0 || i == CONTROL;

		flows[i].from = ends[!in].user[port];
		flows[i].to = ends[in].user[port];
		for (int j = 0; j < MUCH; j++)
			flows[i].bytes[j] =
			    (unsigned char)(rand() % 8 == 0 ? SHARED_LINE_ESCAPE
							    : rand());
	}
	/* The fifth is the control port's other way. */
	flows[4].from = ends[1].user[CONTROL];
	flows[4].to = ends[0].user[CONTROL];
	for (int turns = 0; !all; turns++) {
		all = true;
		for (int i = 0; i < count; i++) {
			flow_turn(&flows[i], 1 + (size_t)rand() % 5000);
			all = all && flows[i].got == MUCH;
		}
		shared_line_turn(&ends[rand() % 2].line);
		if (turns == 1000000)
			errx(1, "stuck at %zu %zu %zu %zu %zu", flows[0].got,
			    flows[1].got, flows[2].got, flows[3].got,
			    flows[4].got);
	}
	close_ends(ends, 2);
}

static void
test_end(void)
{
	static struct end ends[2];
	char byte;

	open_ends(ends);
	say(ends[0].user[0], "last", 4);
	shutdown(ends[0].user[0], SHUT_WR);
	say(ends[1].user[1], "out", 3);
	carry(ends, 2);
	expect("stdin", ends[1].user[0], "last", 4);
	carry(ends, 2);
	if (recv(ends[1].user[0], &byte, 1, 0) != 0)
		errx(1, "stdin goes on");
	expect("stdout", ends[0].user[1], "out", 3);
	if (recv(ends[0].user[1], &byte, 1, 0) != -1 || errno != EAGAIN)
		errx(1, "stdout has ended too");
	close_ends(ends, 2);
}

static void
test_reader(void)
{
	static struct end ends[2];

	open_ends(ends);
	carry(ends, 2);
	close(ends[0].user[1]);
	say(ends[1].user[1], "lost", 4);
	carry(ends, 2);
	if (send(ends[1].user[1], "x", 1, MSG_NOSIGNAL) != -1 || errno != EPIPE)
		errx(1, "stdout still has a reader");
	say(ends[1].user[2], "err", 3);
	carry(ends, 2);
	expect("stderr", ends[0].user[2], "err", 3);
	close_ends(ends, 2);
}

/* A host's end whose wire we hold. */
static int
open_host(struct end *host)
{
	int wire[2];

	pair(wire);
	open_end(host, true, wire[0]);
	return wire[1];
}

static void
test_console(void)
{
	static const char junk[] = "Linux\20Z\20"
				   "1junk\20X\20"
				   "3exit 0\n\20";
	static const char words[] = "\20B\20"
				    "1\20\20hi\20?\20"
				    "2err";
	static struct end host;
	int wire = open_host(&host);

	say(host.user[0], "in", 2);
	say(wire, junk, sizeof(junk) - 1);
	carry(&host, 1);
	expect("wire", wire, "", 0);
	say(wire, "x", 1); /* what the escape at the end of the junk took */
	say(wire, words, sizeof(words) - 1);
	carry(&host, 1);
	expect("stdout", host.user[1], "\20hi", 3);
	expect("stderr", host.user[2], "err", 3);
	expect("control", host.user[CONTROL], "", 0);
	expect("wire", wire,
	    "\20"
	    "0in",
	    4);
	close_ends(&host, 1);
	close(wire);
}

static size_t
count_wire(int wire)
{
	char got[4 * SHARED_LINE_WINDOW];
	ssize_t n = recv(wire, got, sizeof(got), 0);
	size_t count = 0;

	for (ssize_t i = 0; i < n; i++)
		count += got[i] == 'i';
	return count;
}

static void
test_window(void)
{
	char in[3 * SHARED_LINE_WINDOW];
	static struct end host;
	int wire = open_host(&host);

	memset(in, 'i', sizeof(in));
	say(host.user[0], in, sizeof(in));
	say(wire, "\20B", 2);
	carry(&host, 1);
	size_t first = count_wire(wire);
	say(wire, "\20+\20+", 4);
	carry(&host, 1);
	size_t more = count_wire(wire);
	if (first != SHARED_LINE_WINDOW || more != (size_t)2 * SHARED_LINE_STEP)
		errx(1, "%zu bytes of stdin at first, then %zu", first, more);
	close_ends(&host, 1);
	close(wire);
}

int
main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		void (*test)(void);
	} tests[] = {
	    {"bytes", test_bytes},
	    {"end", test_end},
	    {"reader", test_reader},
	    {"console", test_console},
	    {"window", test_window},
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc == 2 && strcmp(argv[1], tests[i].name) == 0) {
			tests[i].test();
			return 0;
		}
	}
	errx(2, "no such case");
}
