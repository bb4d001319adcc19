#ifndef REFERENCES_H
#define REFERENCES_H

#include "recipe.h"

/* Checks that the image in `file` leads QEMU to no other file than those that
 * the entry's "backing" names (backing_check), and stores whether it rests on
 * one of them. Returns 0, or -1 with the reason. */
int references_check(const struct recipe *recipe, const char *file,
    bool *backed, struct reason *why);

/* Whether a file in this format (NULL: raw) can lead to another one. */
bool references_can_be(const char *format);

#endif
