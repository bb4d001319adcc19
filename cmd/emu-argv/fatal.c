#include "fatal.h"

#include "reason.h"

#include <err.h>
#include <stdarg.h>

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
fatal_memory(void)
{
	struct reason why;

	reason_memory(&why);
	errx(1, "%s", why.text);
}
