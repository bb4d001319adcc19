#include "serial_text.h"

#include "stamp.h"

#include <string.h>
#include <sys/param.h>

enum { ESCAPE = 0x1b, BELL = 0x07 };

/* Kinds of escape sequence, ECMA-48 5.3 to 5.6. */
enum { NONE, FIRST, CONTROL, STRING, STRING_ESCAPE, OTHER };

/* Where the output of one call goes. */
struct text_out {
	struct serial_text *serial;
	char *text;
	size_t len;
};

static void
emit(struct text_out *out, const char *text, size_t len)
{
	memcpy(out->text + out->len, text, len);
	out->len += len;
}

/* Decides on what is held back; stays undecided when the text may go on. */
static void
settle(struct text_out *out, bool ended)
{
	struct serial_text *s = out->serial;
	bool more;
	size_t n = stamp_length(s->hold, s->held, NULL, &more);

	if (more && !ended && s->held < SERIAL_TEXT_HOLD)
		return;
	emit(out, s->hold + n, s->held - n);
	s->held = 0;
	s->in_line = true;
}

/* Text that may be, or go on, a stamp: as much of it as settles the question.
 * Returns how much. */
static size_t
line_start(struct text_out *out, const char *bytes, size_t len)
{
	struct serial_text *s = out->serial;
	size_t n = 0;

	if (s->keep_stamps || (s->held == 0 && *bytes != '[' && *bytes != '<'))
		s->in_line = true;
	if (!s->in_line && s->held == 0) {
		size_t most = MIN(len, SERIAL_TEXT_HOLD);
		bool more;

		n = stamp_length(bytes, most, NULL, &more);
		s->in_line = !more || most == SERIAL_TEXT_HOLD;
		if (!s->in_line)
			n = 0;
	}
	while (!s->in_line && n < len) {
		s->hold[s->held++] = bytes[n++];
		settle(out, false);
	}
	return n;
}

/* Text without control characters, except tabs. */
static void
text(struct text_out *out, const char *bytes, size_t len)
{
	size_t n = 0;

	if (!out->serial->in_line)
		n = line_start(out, bytes, len);
	emit(out, bytes + n, len - n);
}

static bool
is_text(char c)
{
	return (unsigned char)c >= 0x20 || c == '\t';
}

/* The length of the text that the bytes start with. */
static size_t
text_length(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && is_text(bytes[n]))
		n++;
	return n;
}

static void
control(struct text_out *out, char c)
{
	struct serial_text *s = out->serial;

	if (s->held > 0)
		settle(out, true);
	if (c == '\n') {
		emit(out, &c, 1);
		s->in_line = false;
	} else if (c == ESCAPE) {
		s->sequence = FIRST;
		s->swallowed = s->string_len = 0;
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
sequence_byte(struct serial_text *s, unsigned char c)
{
	if (c == '\n' || s->swallowed++ >= SERIAL_TEXT_STRING ||
	    (c >= 0x80 && s->sequence != STRING)) {
		s->sequence = NONE;
		return false;
	}
	if (c == ESCAPE) {
		s->sequence = s->sequence == STRING ? STRING_ESCAPE : FIRST;
		return true;
	}
	if (s->sequence == STRING) {
		if (c == BELL)
			s->sequence = NONE;
		return true;
	}
	if (c < 0x20)
		return true;
	if (s->sequence == FIRST)
		s->sequence = after_escape(c);
	else if (s->sequence == STRING_ESCAPE ||
		 c >= (s->sequence == CONTROL ? 0x40 : 0x30))
		s->sequence = NONE;
	return true;
}

/* A string that never ended was torn, and took text with it. */
static void
give_back_string(struct text_out *out)
{
	struct serial_text *s = out->serial;
	size_t len = s->string_len;

	s->string_len = 0;
	for (size_t i = 0; i < len; i++) {
		if (is_text(s->string[i]))
			text(out, s->string + i, 1);
	}
}

/* One byte of an escape sequence, as sequence_byte; a string is kept as long
 * as it may be torn. */
static bool
swallow(struct text_out *out, char c)
{
	struct serial_text *s = out->serial;

	if (s->sequence == STRING_ESCAPE && c != '\\') {
		/* The escape begins another sequence. */
		give_back_string(out);
		s->sequence = FIRST;
		s->swallowed = 0;
	}
	bool string = s->sequence == STRING;
	if (sequence_byte(s, (unsigned char)c)) {
		if (s->sequence == NONE)
			s->string_len = 0;
		else if (string && s->sequence == STRING)
			s->string[s->string_len++] = c;
		return true;
	}
	give_back_string(out);
	return false;
}

size_t
serial_text_feed(
    struct serial_text *serial, const char *bytes, size_t len, char *out)
{
	struct text_out into = {serial, out, 0};

	for (size_t i = 0; i < len;) {
		size_t n = 1;

		if (serial->sequence == NONE || !swallow(&into, bytes[i])) {
			n = text_length(bytes + i, len - i);
			if (n > 0)
				text(&into, bytes + i, n);
			else
				control(&into, bytes[i]);
			n += n == 0;
		}
		i += n;
	}
	return into.len;
}

size_t
serial_text_end(struct serial_text *serial, char *out)
{
	struct text_out into = {serial, out, 0};

	give_back_string(&into);
	serial->sequence = NONE;
	if (serial->held > 0)
		settle(&into, true);
	return into.len;
}
