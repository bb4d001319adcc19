#include "plain.h"

#include "stamp.h"

#include <endian.h>
#include <string.h>

enum {
	NEWLINE = '\n',
	ESCAPE = 0x1b,
	BELL = 0x07,
	/* Longer sequences are torn ones: what follows is text again. */
	SEQUENCE_MAX = PLAIN_STRING,
};

/* Kinds of escape sequence, ECMA-48 5.3 to 5.6. */
enum { NONE, FIRST, CONTROL, STRING, STRING_ESCAPE, OTHER };

/* The length of the run of bytes from 0x20 up. */
static size_t
clean_run(const char *s, size_t len)
{
	const uint64_t low = 0x2020202020202020, high = 0x8080808080808080;
	size_t i = 0;

	for (; len - i >= 8; i += 8) {
		uint64_t word, found;

		memcpy(&word, s + i, 8);
		word = le64toh(word);
		/* Above the lowest it may be wrong. */
		found = (word - low) & ~word & high;
		if (found != 0)
			return i + (size_t)__builtin_ctzll(found) / 8;
	}
	while (i < len && (unsigned char)s[i] >= 0x20)
		i++;
	return i;
}

/* Where the output of one plain_feed goes. */
struct sink {
	struct plain *plain;
	char *out;
	size_t len;
	struct plain_mark *marks;
	size_t *count;
};

static inline void
emit(struct sink *sink, const char *text, size_t len, uint64_t at)
{
	struct plain *p = sink->plain;

	if (len == 0)
		return;
	if (sink->marks != NULL && at - p->text != p->removed) {
		p->removed = at - p->text;
		sink->marks[*sink->count] = (struct plain_mark){p->text, at};
		++*sink->count;
	}
	memcpy(sink->out + sink->len, text, len);
	sink->len += len;
	p->text += len;
}

/* Decides on what is held back; stays undecided when the text may go on. */
static void
settle(struct sink *sink, bool ended)
{
	struct plain *p = sink->plain;
	bool more;
	size_t n = stamp_length(p->hold, p->held, NULL, &more);

	if (more && !ended && p->held < PLAIN_HOLD)
		return;
	emit(sink, p->hold + n, p->held - n, p->held_at + n);
	p->held = 0;
	p->in_line = true;
}

/* Whether a byte of text belongs to what may become a stamp. */
static inline bool
may_be_stamp(const struct plain *p, char c)
{
	return !p->in_line && !p->keep_stamps &&
	       (p->held > 0 || c == '[' || c == '<');
}

static void
text_byte(struct sink *sink, const char *byte, uint64_t at)
{
	struct plain *p = sink->plain;

	if (!may_be_stamp(p, *byte)) {
		p->in_line = true;
		emit(sink, byte, 1, at);
		return;
	}
	if (p->held == 0)
		p->held_at = at;
	p->hold[p->held++] = *byte;
	settle(sink, false);
}

static void
control(struct sink *sink, const char *byte, uint64_t at)
{
	struct plain *p = sink->plain;

	if (p->held > 0)
		settle(sink, true);
	if (*byte == NEWLINE) {
		emit(sink, byte, 1, at);
		p->in_line = false;
	} else if (*byte == ESCAPE) {
		p->sequence = FIRST;
		p->swallowed = p->string_len = 0;
	} else if (*byte == '\t') {
		text_byte(sink, byte, at);
	}
}

static int
after_escape(unsigned char c)
{
	if (c == '[')
		return CONTROL;
	if (c != 0 && strchr("]PX^_", c) != NULL)
		return STRING;
	return c < 0x30 ? OTHER : NONE;
}

/* One byte of an escape sequence; false: it is none, but text again. */
static bool
sequence_byte(struct plain *p, unsigned char c)
{
	if (c == NEWLINE || p->swallowed++ >= SEQUENCE_MAX ||
	    (c >= 0x80 && p->sequence != STRING)) {
		p->sequence = NONE;
		return false;
	}
	if (c == ESCAPE) {
		p->sequence = p->sequence == STRING ? STRING_ESCAPE : FIRST;
		return true;
	}
	if (p->sequence == STRING) {
		if (c == BELL)
			p->sequence = NONE;
		return true;
	}
	if (c < 0x20)
		return true;
	if (p->sequence == FIRST)
		p->sequence = after_escape(c);
	else if (p->sequence == STRING_ESCAPE ||
		 c >= (p->sequence == CONTROL ? 0x40 : 0x30))
		p->sequence = NONE;
	return true;
}

/* A string that never ended was torn, and took text with it. Its last byte was
 * the one before the offset. */
static void
give_back_string(struct sink *sink, uint64_t at)
{
	struct plain *p = sink->plain;
	size_t len = p->string_len;

	p->string_len = 0;
	for (size_t i = 0; i < len; i++) {
		const char *byte = p->string + i;

		if ((unsigned char)*byte >= 0x20 || *byte == '\t')
			text_byte(sink, byte, at - len + i);
	}
}

/* One byte of an escape sequence, as sequence_byte; a string is kept as long
 * as it may be torn. */
static bool
swallow(struct sink *sink, unsigned char c, uint64_t at)
{
	struct plain *p = sink->plain;
	bool string = p->sequence == STRING;

	if (sequence_byte(p, c)) {
		if (p->sequence != STRING)
			p->string_len = 0;
		else if (string)
			p->string[p->string_len++] = (char)c;
		return true;
	}
	if (string)
		give_back_string(sink, at);
	return false;
}

/* The common case: the stamp is there whole. Returns its length. */
static size_t
skip_stamp(struct plain *p, const char *bytes, size_t len)
{
	bool more;
	size_t n;

	if (p->held > 0)
		return 0;
	n = stamp_length(
	    bytes, len < PLAIN_HOLD ? len : PLAIN_HOLD, NULL, &more);
	if (more)
		return 0;
	p->in_line = n > 0;
	return n;
}

/* The common case: the sequence CSI, parameters, final byte is there whole.
 * Returns the length of what follows ESC. */
static size_t
leave_sequence(struct plain *p, const char *bytes, size_t len)
{
	size_t n = 2;

	if (len < 3 || bytes[1] != '[')
		return 0;
	if (len > SEQUENCE_MAX)
		len = SEQUENCE_MAX;
	while (n < len && bytes[n] >= 0x20 && bytes[n] < 0x40)
		n++;
	if (n == len || bytes[n] < 0x40 || bytes[n] == 0x7f)
		return 0;
	p->sequence = NONE;
	return n;
}

size_t
plain_feed(struct plain *plain, const char *bytes, size_t len, char *out,
    struct plain_mark *marks, size_t *count)
{
	struct sink sink = {plain, out, 0, marks, count};
	uint64_t base = plain->bytes;

	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)bytes[i];
		size_t n = 1;

		if (plain->sequence != NONE && swallow(&sink, c, base + i)) {
			;
		} else if (c < 0x20) {
			control(&sink, bytes + i, base + i);
			if (c == ESCAPE)
				n += leave_sequence(plain, bytes + i, len - i);
		} else if (may_be_stamp(plain, (char)c)) {
			n = skip_stamp(plain, bytes + i, len - i);
			if (n == 0)
				text_byte(&sink, bytes + i, base + i);
			n += n == 0;
		} else {
			plain->in_line = true;
			n = clean_run(bytes + i, len - i);
			emit(&sink, bytes + i, n, base + i);
		}
		i += n;
	}
	plain->bytes += len;
	return sink.len;
}

size_t
plain_end(
    struct plain *plain, char *out, struct plain_mark *marks, size_t *count)
{
	struct sink sink = {plain, out, 0, marks, count};

	if (plain->sequence == STRING)
		give_back_string(&sink, plain->bytes);
	plain->sequence = NONE;
	if (plain->held > 0)
		settle(&sink, true);
	return sink.len;
}
