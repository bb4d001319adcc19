#ifndef SERIAL_H
#define SERIAL_H

#include "build.h"

/* The serial lines. Botanist's oldest form, -serial stdio, is not made here;
 * serial_plain tells whether it is wanted. */
void serial_add(struct build *build);
bool serial_plain(const struct build *build);

#endif
