#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

/* Memory that is freed all at once. {0} is an empty one. */
struct arena {
	struct arena_block *blocks;
	bool failed; /* memory was short: sticky, checked once at the end */
};

/* Returns size bytes of zeros, or NULL. */
void *arena_take(struct arena *arena, size_t size);

/* Returns a formatted text; "" when memory is short. */
const char *arena_text(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *arena);

#endif
