#include "fatal.h"

#include "reason.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

void
fatal(const char *format, ...)
{
	struct reason why;
	va_list ap;

	va_start(ap, format);
	reason_vset(&why, format, ap);
	va_end(ap);
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
	errx(1, "%s", why.text);
}
