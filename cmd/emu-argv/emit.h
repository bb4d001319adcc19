#ifndef EMIT_H
#define EMIT_H

#include "machine.h"
#include "words.h"

/* Stores the words that start the machine, and in args the kernel's arguments
 * one by one, which are also the last of the words. */
void emit_words(
    const struct machine *machine, struct words *words, struct words *args);

#endif
