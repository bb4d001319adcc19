#ifndef SPELLING_H
#define SPELLING_H

#include "vocabulary.h"

/* The key of the kind that was probably meant, or NULL. */
const char *spelling_meant(const char *word, const struct key *keys);

#endif
