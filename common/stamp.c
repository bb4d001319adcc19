#include "stamp.h"

struct cursor {
	const char *p;
	const char *end;
	bool more; /* the end of the text decided */
};

static bool
take(struct cursor *c, char wanted)
{
	if (c->p == c->end)
		c->more = true;
	else if (*c->p == wanted)
		return c->p++, true;
	return false;
}

static bool
take_number(struct cursor *c)
{
	const char *start = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	if (c->p == c->end)
		c->more = true;
	return c->p > start;
}

static void
skip_spaces(struct cursor *c)
{
	while (c->p < c->end && *c->p == ' ')
		c->p++;
}

static bool
take_time(struct cursor *c, const char **digits)
{
	if (!take(c, '['))
		return false;
	skip_spaces(c);
	*digits = c->p;
	return take_number(c) && take(c, '.') && take_number(c) && take(c, ']');
}

/* Digits, a point, digits. */
static double
decimal(const char *digits)
{
	double value = 0, unit = 1;

	for (; *digits != '.'; digits++)
		value = value * 10 + (*digits - '0');
	for (digits++; *digits != ']'; digits++)
		value += (*digits - '0') * (unit /= 10);
	return value;
}

/* printk's caller, [    T1] or [    C0]; Zircon's [1040]. */
static bool
take_caller(struct cursor *c)
{
	if (!take(c, '['))
		return false;
	skip_spaces(c);
	if (!take(c, 'T'))
		take(c, 'C');
	return take_number(c) && take(c, ']');
}

/* Zircon's process and thread, " 01044:01094>". */
static bool
take_thread(struct cursor *c)
{
	return take(c, ' ') && take_number(c) &&
	       (take(c, ':') || take(c, '.')) && take_number(c) && take(c, '>');
}

size_t
stamp_length(const char *text, size_t len, double *seconds, bool *more)
{
	struct cursor c = {text, text + len, false};
	const char *good, *digits;

	if (take(&c, '<')) {
		if (!take_number(&c) || !take(&c, '>'))
			goto none;
	}
	if (!take_time(&c, &digits))
		goto none;
	for (good = c.p; take_caller(&c); good = c.p)
		;
	c.p = good;
	if (take_thread(&c))
		good = c.p;
	c.p = good;
	take(&c, ' ');
	*more = c.more;
	if (seconds != NULL)
		*seconds = decimal(digits);
	return (size_t)(c.p - text);
none:
	*more = c.more;
	return 0;
}
