#ifndef EMIT_H
#define EMIT_H

#include "machine.h"
#include "words.h"

/* Makes the words that start the machine, and its kernel's arguments (args),
 * which are the last word of them. Whether memory was short is in both. */
void emit_words(
    const struct machine *machine, struct words *words, struct words *args);

#endif
