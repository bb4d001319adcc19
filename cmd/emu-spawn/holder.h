#ifndef HOLDER_H
#define HOLDER_H

#include <stddef.h>

/* Explains what QEMU complained about in the errors (NUL-terminated): a tap
 * interface that is busy, or a host port that is in use. Stores who holds it,
 * "tap qemu is held by 123 (qemu-system-x86)", as far as /proc lets us see, or
 * "" when there is nothing to explain. */
void holder_explain(const char *errors, char *text, size_t size);

#endif
