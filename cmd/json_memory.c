#include "json_memory.h"

#include "memory.h"

#include <jansson.h>
#include <stdlib.h>

static void *
allocate(size_t size)
{
	return memory_got(malloc(size));
}

void
json_memory_guard(void)
{
	json_set_alloc_funcs(allocate, free);
}
