#ifndef MACHINE_WORDS_H
#define MACHINE_WORDS_H

#include "reason.h"

#include <jansson.h>

/* By what two machines are known to be the same: an object with the `words`
 * (as named_files_hide has them) and the `files` that they name (named_files).
 * Returns a new one, or NULL with the reason. */
json_t *machine_words(
    char *const *argv, const char *directory, struct reason *why);

/* Compares what was saved at `path` with what is now. Returns 0, or -1 with the
 * reason, which names the first difference. */
int machine_words_compare(const char *path, const json_t *saved,
    const json_t *now, struct reason *why);

#endif
