#include "cast.h"

#include "json_string.h"

#include <inttypes.h>
#include <stdbool.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* A byte of the stream, into a JSON string. */
static void
put_byte(struct cast *cast, unsigned char byte)
{
	enum utf8_step step;

	do {
		step = utf8_feed(&cast->utf8, byte);
		if (step == UTF8_BAD || step == UTF8_BAD_KEEP)
			fputs(replacement, cast->out);
	} while (step == UTF8_BAD_KEEP);
	if (step != UTF8_DONE)
		return;
	if (cast->utf8.count == 1)
		json_string_char(cast->out, byte);
	else
		fwrite(cast->utf8.held, 1, cast->utf8.count, cast->out);
}

static bool
holds(const struct cast *cast)
{
	return cast->utf8.count != cast->utf8.want;
}

static void
put_held(struct cast *cast)
{
	if (holds(cast))
		fputs(replacement, cast->out);
	cast->utf8 = (struct utf8){0};
}

static void
open_event(struct cast *cast, uint64_t time)
{
	uint64_t microseconds = time / 1000;

	fprintf(cast->out, "[%" PRIu64 ".%06" PRIu64 ", \"o\", \"",
	    microseconds / 1000000, microseconds % 1000000);
}

static void
close_event(struct cast *cast)
{
	fputs("\"]\n", cast->out);
}

/* Whether all of these bytes would be held back: at most three, what is held
 * included. */
static bool
all_held(const struct cast *cast, const unsigned char *bytes, size_t len)
{
	struct utf8 utf8 = cast->utf8;

	for (size_t i = 0; i < len; i++) {
		if (utf8_feed(&utf8, bytes[i]) != UTF8_MORE)
			return false;
	}
	return true;
}

void
cast_start(struct cast *cast, FILE *out, unsigned columns, unsigned rows,
    time_t time, const char *title)
{
	*cast = (struct cast){.out = out};
	fprintf(out,
	    "{\"version\": 2, \"width\": %u, \"height\": %u, "
	    "\"timestamp\": %jd",
	    columns, rows, (intmax_t)time);
	if (title != NULL) {
		fputs(", \"title\": \"", out);
		for (; *title != '\0'; title++)
			put_byte(cast, (unsigned char)*title);
		put_held(cast);
		fputs("\"", out);
	}
	fputs("}\n", out);
}

void
cast_write(
    struct cast *cast, uint64_t time, const unsigned char *bytes, size_t len)
{
	if (all_held(cast, bytes, len)) {
		for (size_t i = 0; i < len; i++)
			utf8_feed(&cast->utf8, bytes[i]);
		return;
	}
	open_event(cast, time);
	for (size_t i = 0; i < len; i++)
		put_byte(cast, bytes[i]);
	close_event(cast);
}

void
cast_end(struct cast *cast, uint64_t time)
{
	if (!holds(cast))
		return;
	open_event(cast, time);
	put_held(cast);
	close_event(cast);
}
