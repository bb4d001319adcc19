#include "notice.h"

#include "stream.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
notice(const char *format, ...)
{
	const struct stream out = {.fd = STDERR_FILENO, .kind = STREAM_CAREFUL};
	/* What a pipe takes whole or not at all. */
	char line[PIPE_BUF] = "emu-spawn: ";
	size_t len = strlen(line), room = sizeof(line) - len - 1;
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line + len, room, format, args);
	va_end(args);
	if (n < 0)
		return;
	len += (size_t)n < room ? (size_t)n : room - 1;
	line[len++] = '\n';
	/* There is nobody to tell that this failed. */
	if (stream_write(&out, line, len) < 0)
		return;
}
