#include "duration.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

static const uint64_t second = 1000000000;

/* 63 years: times can be added to it. */
static const double longest = 2e18;

static int
unit_seconds(const char *text, uint64_t *seconds)
{
	switch (text[0]) {
	case '\0':
		*seconds = 1;
		return 0;
	case 's':
		*seconds = 1;
		break;
	case 'm':
		*seconds = 60;
		break;
	case 'h':
		*seconds = 3600;
		break;
	case 'd':
		*seconds = 86400;
		break;
	default:
		return -1;
	}
	return text[1] == '\0' ? 0 : -1;
}

int
duration_parse(const char *text, uint64_t *nanoseconds)
{
	const uint64_t most = 100ULL * 365 * 86400;
	uint64_t whole = 0, part = 0, scale = second, unit = 1;
	const char *p = text;
	size_t digits = 0;

	for (; isdigit((unsigned char)*p); p++, digits++) {
		whole = whole * 10 + (uint64_t)(*p - '0');
		if (whole > most)
			return -1;
	}
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++, digits++) {
			scale /= 10;
			part += (uint64_t)(*p - '0') * scale;
		}
	}
	if (digits == 0 || unit_seconds(p, &unit) < 0 || whole > most / unit)
		return -1;
	*nanoseconds = (whole * second + part) * unit;
	return 0;
}

int
duration_factor(const char *text, double *factor)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(value) || !(value > 0))
		return -1;
	*factor = value;
	return 0;
}

int
duration_scale(double *factor, struct reason *why)
{
	const char *text = getenv("EMU_TIME_SCALE");

	*factor = 1;
	if (text == NULL || text[0] == '\0')
		return 0;
	return duration_factor(text, factor) == 0
		   ? 0
		   : reason_set(why, "EMU_TIME_SCALE: not a factor: %s", text);
}

uint64_t
duration_scaled(uint64_t nanoseconds, double factor)
{
	double value = (double)nanoseconds * factor;

	if (value >= longest)
		return (uint64_t)longest;
	return nanoseconds > 0 && value < 1 ? 1 : (uint64_t)value;
}
