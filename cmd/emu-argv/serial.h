#ifndef SERIAL_H
#define SERIAL_H

#include "machine.h"
#include "words.h"

/* Fills in the defaults of the serial lines and checks them. */
void serial_complete(struct machine *machine);

/* Adds the words of the serial lines, except botanist's oldest form, -serial
 * stdio, which has another place among the words. */
void serial_words(const struct machine *machine, struct words *words);

#endif
