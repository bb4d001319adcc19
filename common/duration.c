#include "duration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 63 years: times can be added to it. */
static const double longest = 2e18;

int
duration_parse(const char *text, uint64_t *nanoseconds)
{
	static const char units[] = "smhd";
	static const double seconds[] = {1, 60, 3600, 86400};
	const double most = 100.0 * 365 * 86400;
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double value = strtod(text, &end);
	const char *unit = strchr(units, *end);

	/* strtod(3) reads more than we want: 1e3, 0x10, inf. */
	if (end == text || end != text + digits || unit == NULL)
		return -1;
	if (*end != '\0') {
		if (end[1] != '\0')
			return -1;
		value *= seconds[unit - units];
	}
	*nanoseconds = value > most ? 0 : (uint64_t)(value * 1e9);
	return value > most ? -1 : 0;
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
