#ifndef TAP_H
#define TAP_H

#include "runs.h"

#include <stdio.h>

/* Prints TAP 14: a test for each run, with what is known of one that failed in
 * comments before its result, where emu-ktap(1) looks for them. Write errors
 * are left in the stream. */
void tap_print(const struct runs *runs, FILE *out);

#endif
