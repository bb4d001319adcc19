#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_block;

/* Memory that is freed all at once. {0} is an empty arena. The program ends
 * when memory is short. */
struct arena {
	struct arena_block *blocks;
};

/* Returns size bytes of zeros, which the arena owns. */
void *arena_take(struct arena *arena, size_t size);

/* Returns the formatted text, which the arena owns. */
const char *arena_text(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *arena);

#endif
