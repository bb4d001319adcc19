#include "memory.h"

#include "fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *
memory_got(void *memory)
{
	if (memory == NULL)
		fatal_memory();
	return memory;
}

char *
memory_format(const char *format, ...)
{
	char *text;
	va_list ap;

	va_start(ap, format);
	int n = vasprintf(&text, format, ap);
	va_end(ap);
	return memory_got(n < 0 ? NULL : text);
}

void *
memory_grow(void *list, size_t count, size_t size)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return list;
	return memory_got(reallocarray(list, count > 0 ? 2 * count : 1, size));
}
