/* The end of a process that cmd/fatal.c makes: its message has to be one line,
 * and the fuzz target goes on. */
#include "fatal_end.h"
#include "fatal.h"
#include "reason.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

jmp_buf fatal_end;
const int fatal_status = 1;

/* In place of the C library's. */
void
errx(int status, const char *format, ...)
{
	struct reason why;
	va_list ap;

	va_start(ap, format);
	reason_vset(&why, format, ap);
	va_end(ap);
	if (status != fatal_status || why.text[0] == '\0' ||
	    strchr(why.text, '\n') != NULL)
		abort();
	/* fatal() keeps it. */
	funlockfile(stderr);
	longjmp(fatal_end, 1);
}
