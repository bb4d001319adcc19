#ifndef LINE_H
#define LINE_H

#include "nonblocking.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where every byte of a line goes, in order, at the pace of who reads there. */
struct sink {
	struct nonblocking stream; /* of -1: none */
	uint64_t at;               /* the number of the next byte to give */
	int error; /* errno with which it failed and was closed; 0 */
};

/* The sinks of a line. It waits for the first ones; those of clients are served
 * while they keep up. */
enum {
	SINK_OUT,
	SINK_LOG,
	SINK_DIALOG,
	SINK_CLIENTS,
	CLIENTS_MOST = 16,
	SINKS = SINK_CLIENTS + CLIENTS_MOST
};

/* The bytes of a line, numbered from 0: the newest in a ring, and with a log
 * that is a regular file all of them there. A sink that lags behind the ring is
 * served from the log; without one, the ring never gives up a byte that a sink
 * still lacks, a client's excepted. */
struct line {
	char *ring;
	size_t size;         /* a power of two */
	uint64_t total;      /* bytes taken in */
	uint64_t dropped;    /* bytes read and thrown away after them */
	int log;             /* a regular file, -1: none */
	int log_error;       /* errno: it holds the older bytes only; 0 */
	const char *awaited; /* text that has not been on the line yet; NULL */
	uint64_t looked;     /* bytes with which it does not begin */
	struct sink sinks[SINKS];
};

/* Makes a line without ring or sink. */
void line_init(struct line *line);

/* Returns how many bytes line_fill may take now. */
size_t line_room(const struct line *line);

/* Gives the ring this size, a power of two, if it is smaller or there is none
 * yet. Returns 0, or -1 with errno. */
int line_grow(struct line *line, size_t size);

/* Reads once from fd into ring and log, at most the room there is; without room
 * as line_drop does. Returns as read(2) does. */
ssize_t line_fill(struct line *line, int fd);

/* Reads once from fd, counts the bytes as dropped and forgets them. There is no
 * room afterwards: a line has no holes. Returns as read(2) does. */
ssize_t line_drop(struct line *line, int fd);

/* Returns the number of the oldest byte that a sink can still get. */
uint64_t line_oldest(const struct line *line);

/* Gives the sinks what they take, and closes those that fail (EPIPE: its reader
 * is gone; ENODATA: somebody truncated the log; EOVERFLOW: a client's next byte
 * is not to be had any more). */
void line_give(struct line *line);

/* Closes a sink, and stores the errno with which it failed, or 0. Nothing is
 * kept for it any more. */
void line_release(struct sink *sink, int error);

/* Tells whether the sink has every byte, or is closed. */
bool line_given(const struct line *line, const struct sink *sink);

/* Copies the newest bytes, at most len, to buf; returns their number. */
size_t line_tail(const struct line *line, char *buf, size_t len);

#endif
