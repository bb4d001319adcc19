#ifndef TAP_H
#define TAP_H

#include "test.h"

#include <stdio.h>

/* Prints the tests of all documents below the root as one TAP document with
 * subtests (testanything.org, version 14). */
void tap_write(FILE *out, const struct test *root);

#endif
