#include "fatal.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What this process has to undo. */
static struct {
	void (*call)(void *context);
	void (*finish)(void *context, const char *message);
	void *context;
} undo;

/* The lock of stderr is never given back. What fails while something is undone
 * ends the process at once. */
static void
begin(const char *message)
{
	flockfile(stderr);
	void (*call)(void *context) = undo.call;
	void (*finish)(void *context, const char *message) = undo.finish;
	undo.call = NULL;
	undo.finish = NULL;
	if (call != NULL)
		call(undo.context);
	if (finish != NULL)
		finish(undo.context, message);
}

void
fatal(const char *format, ...)
{
	struct reason why;
	va_list ap;

	va_start(ap, format);
	reason_vset(&why, format, ap);
	va_end(ap);
	begin(why.text);
	errx(fatal_status, "%s", why.text);
}

void
fatal_errno(const char *what)
{
	fatal("%s: %s", what, strerror(errno));
}

void
fatal_memory(void)
{
	fatal("memory: Cannot allocate memory");
}

void
fatal_said(void)
{
	begin(NULL);
	exit(fatal_status);
}

void
fatal_if(bool failed, const struct reason *why)
{
	if (failed)
		fatal("%s", why->text);
}

void
fatal_undo(void (*call)(void *context), void *context)
{
	undo.call = call;
	undo.context = context;
}

void
fatal_finish(void (*finish)(void *context, const char *message), void *context)
{
	undo.finish = finish;
	undo.context = context;
}
