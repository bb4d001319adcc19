#include "fatal.h"

#include "reason.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
fatal(const char *format, ...)
{
	struct reason why;
	char text[sizeof(why.text)];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	reason_set(&why, "%s", text);
	errx(1, "%s", why.text);
}

void
fatal_errno(const char *what)
{
	fatal("%s: %s", what, strerror(errno));
}

void
fatal_memory(void)
{
	struct reason why;

	reason_memory(&why);
	fatal("%s", why.text);
}
