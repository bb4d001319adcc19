#ifndef STAMP_H
#define STAMP_H

#include <stdbool.h>
#include <stddef.h>

/* Recognises a time stamp at the start of text: printk's "[   12.345678] ",
 * with its level ("<6>") before it and its caller ("[    T1]") behind it, and
 * Zircon's "[00012.345] 01044:01094> ". Returns its length, 0 for none, and
 * stores the seconds (NULL: not wanted). *more tells that a longer text might
 * have had one, or a longer one. */
size_t stamp_length(const char *text, size_t len, double *seconds, bool *more);

#endif
