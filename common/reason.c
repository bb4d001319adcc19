#include "reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
reason_vset(struct reason *why, const char *format, va_list ap)
{
	vsnprintf(why->text, sizeof(why->text), format, ap);
	for (char *p = why->text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	return -1;
}

int
reason_set(struct reason *why, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	reason_vset(why, format, ap);
	va_end(ap);
	return -1;
}

int
reason_errno(struct reason *why, const char *format, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, format);
	reason_vset(why, format, ap);
	va_end(ap);
	size_t n = strlen(why->text);
	snprintf(why->text + n, sizeof(why->text) - n, ": %s", strerror(error));
	errno = error;
	return -1;
}

int
reason_memory(struct reason *why)
{
	return reason_set(why, "memory: Cannot allocate memory");
}
