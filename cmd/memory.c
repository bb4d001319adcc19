#include "memory.h"

#include "fatal.h"

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
memory_vformat(const char *format, va_list arguments)
{
	char *text;
	int n = vasprintf(&text, format, arguments);

	return memory_got(n < 0 ? NULL : text);
}

char *
memory_format(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = memory_vformat(format, ap);
	va_end(ap);
	return text;
}

void *
memory_grow(void *list, size_t count, size_t size)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return list;
	return memory_got(reallocarray(list, count > 0 ? 2 * count : 1, size));
}
