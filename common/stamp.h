#ifndef STAMP_H
#define STAMP_H

#include <stdbool.h>
#include <stddef.h>

/* Recognizes a time stamp at the start of text: printk's "[   12.345678] ",
 * which may have its level ("<6>") before it and its caller ("[    T1]") behind
 * it, or Zircon's "[00012.345] 01044:01094> ". Returns its length, or 0 if
 * there is none, and stores the time in seconds, unless seconds is NULL. *more
 * tells whether further bytes could make or lengthen a stamp. */
size_t stamp_length(const char *text, size_t len, double *seconds, bool *more);

#endif
