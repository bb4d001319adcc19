#ifndef OUTPUT_H
#define OUTPUT_H

#include "words.h"

#include <stdio.h>

enum output { OUTPUT_NUL, OUTPUT_SHELL, OUTPUT_JSON, OUTPUT_EXPLAIN };

/* Prints the words: each followed by a NUL; as one line for a shell; as a JSON
 * array; or each option with its value and, behind a tab, where it came from,
 * the kernel's arguments (args) below theirs. Write errors stay in out. */
void output_words(const struct words *words, const struct words *args,
    enum output output, FILE *out);

#endif
