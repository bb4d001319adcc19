#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_block;

/* Memory that is freed all at once. {0} is an empty one. Where there is no
 * more, the program ends. */
struct arena {
	struct arena_block *blocks;
};

/* Returns size bytes of zeros. */
void *arena_take(struct arena *arena, size_t size);

/* Returns a formatted text. */
const char *arena_text(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *arena);

#endif
