#ifndef SERIAL_H
#define SERIAL_H

#include "machine.h"
#include "words.h"

/* Completes and checks the serial lines. */
void serial_complete(struct machine *machine);

/* Botanist's oldest form, -serial stdio, is not among the words. */
void serial_words(const struct machine *machine, struct words *words);

#endif
