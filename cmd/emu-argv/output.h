#ifndef OUTPUT_H
#define OUTPUT_H

#include "words.h"

#include <stdio.h>

enum output_form { OUTPUT_NUL, OUTPUT_SHELL, OUTPUT_JSON, OUTPUT_EXPLAIN };

/* Prints the words: each followed by a NUL; as one line for a shell; as a JSON
 * array; or one line for each option with its value, a tab, and the origin of
 * both, where the kernel's arguments (args) follow below their option. Write
 * errors stay in out, where stdio_finish finds them. */
void output_words(const struct words *words, const struct words *args,
    enum output_form form, FILE *out);

#endif
