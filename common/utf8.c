#include "utf8.h"

#include <string.h>

static enum utf8_step
start(struct utf8 *utf8, unsigned char byte)
{
	utf8->held[0] = byte;
	utf8->count = utf8->want = 1;
	utf8->low = 0x80;
	utf8->high = 0xbf;
	if (byte < 0x80)
		return UTF8_DONE;
	if (byte < 0xc2 || byte > 0xf4) { /* overlong, or beyond U+10FFFF */
		utf8->count = utf8->want = 0;
		return UTF8_BAD;
	}
	utf8->want = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
	if (byte == 0xe0) /* overlong */
		utf8->low = 0xa0;
	else if (byte == 0xed) /* surrogates */
		utf8->high = 0x9f;
	else if (byte == 0xf0) /* overlong */
		utf8->low = 0x90;
	else if (byte == 0xf4) /* beyond U+10FFFF */
		utf8->high = 0x8f;
	return UTF8_MORE;
}

enum utf8_step
utf8_feed(struct utf8 *utf8, unsigned char byte)
{
	if (utf8->count == utf8->want)
		return start(utf8, byte);
	if (byte < utf8->low || byte > utf8->high) {
		utf8->count = utf8->want = 0;
		return UTF8_BAD_KEEP;
	}
	utf8->held[utf8->count++] = byte;
	utf8->low = 0x80;
	utf8->high = 0xbf;
	return utf8->count == utf8->want ? UTF8_DONE : UTF8_MORE;
}

size_t
utf8_length(const char *text, size_t len)
{
	struct utf8 utf8 = {0};
	enum utf8_step step = UTF8_MORE;
	size_t n = 0;

	while (n < len && step == UTF8_MORE)
		step = utf8_feed(&utf8, (unsigned char)text[n++]);
	return step == UTF8_DONE ? n : 0;
}

bool
utf8_is(const char *text)
{
	const char *end = text + strlen(text);
	size_t n;

	while ((n = utf8_length(text, (size_t)(end - text))) > 0)
		text += n;
	return text == end;
}
