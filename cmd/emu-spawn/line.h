#ifndef LINE_H
#define LINE_H

#include "stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where every byte of a line goes, in order, at the pace of who reads there. */
struct sink {
	struct stream stream;
	uint64_t at; /* the number of the next byte to give */
};

/* The bytes of a line, numbered from 0: the newest in a ring, and with a log
 * that is a regular file all of them there. A sink that lags behind the ring is
 * served from the log; without one, the ring never gives up a byte that a
 * holding sink still lacks. */
struct line {
	char *ring;
	size_t size;      /* a power of two */
	uint64_t total;   /* bytes taken in */
	uint64_t dropped; /* bytes read and thrown away after them */
	int log;          /* a regular file, -1: none */
	bool log_failed;  /* it holds the older bytes only */
	struct sink *holders[3];
	size_t count; /* of the holders */
};

/* Makes an empty line with a ring of size bytes. Returns 0, or -1 with errno.
 */
int line_open(struct line *line, size_t size);
void line_close(struct line *line);

/* Lets the ring keep what the sink still lacks. */
void line_hold(struct line *line, struct sink *sink);

/* Closes the sink and keeps nothing for it any more. */
void line_release(struct line *line, struct sink *sink);

/* How many bytes line_fill may take now. */
size_t line_room(const struct line *line);

/* Gives the ring this size if it is smaller. Returns 0, or -1 with errno. */
int line_grow(struct line *line, size_t size);

enum line_result {
	LINE_AGAIN, /* nothing more now */
	LINE_MORE,  /* bytes were taken */
	LINE_END,   /* the other end is closed */
	LINE_ERROR, /* it could not be read; errno tells why */
	LINE_LOG,   /* the log could not be written; errno tells why */
};

/* Reads once from fd, at most the room there is, into ring and log. */
enum line_result line_fill(struct line *line, int fd);

/* Reads once from fd, counts the bytes as dropped and forgets them. Nothing may
 * be filled afterwards: the line has no holes. */
enum line_result line_drop(struct line *line, int fd);

/* The first byte that can still be had. */
uint64_t line_oldest(const struct line *line);

/* Gives the sink what it takes. Returns 0 when it has all or takes no more, -1
 * with errno when it failed (EPIPE: its reader is gone; ENODATA: somebody
 * truncated the log). */
int line_give(const struct line *line, struct sink *sink);

/* Whether the sink has every byte, or is none. */
bool line_given(const struct line *line, const struct sink *sink);

/* Copies the newest bytes, at most len, to buf; returns their number. */
size_t line_tail(const struct line *line, char *buf, size_t len);

#endif
