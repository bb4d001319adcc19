#ifndef OUTPUT_H
#define OUTPUT_H

#include "words.h"

#include <stdio.h>

/* These print the words. Write errors stay in out, where stdio_finish finds
 * them. */

/* One line for each option with its value, a tab, and the origin of both; the
 * kernel's arguments (args) follow below their option. */
void output_explained(
    const struct words *words, const struct words *args, FILE *out);

/* A JSON array. */
void output_json(const struct words *words, FILE *out);

/* One line for a shell. */
void output_shell(const struct words *words, FILE *out);

#endif
