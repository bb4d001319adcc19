#ifndef MEMORY_H
#define MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Returns what a function of the C library or of jansson has allocated. NULL
 * ends the process by fatal_memory(). */
void *memory_got(void *memory) __attribute__((returns_nonnull));

/* Returns the formatted text, which the caller frees. When memory is short the
 * process ends by fatal_memory(). */
char *memory_format(const char *format, ...)
    __attribute__((format(printf, 1, 2), returns_nonnull));
char *memory_vformat(const char *format, va_list arguments)
    __attribute__((format(printf, 1, 0), returns_nonnull));

/* Returns the list of count members of that size (NULL and 0 at first), with
 * room for one more: it is doubled at every power of two. When memory is short
 * the process ends by fatal_memory(). */
void *memory_grow(void *list, size_t count, size_t size)
    __attribute__((returns_nonnull));

#endif
