/* Compiled as every source is. What it copies has a size that is known only
 * when the program runs, which level 3 of _FORTIFY_SOURCE checks and lower ones
 * do not. */
#include <stdlib.h>
#include <string.h>

void *fortified(size_t room, const void *bytes, size_t len);

void *
fortified(size_t room, const void *bytes, size_t len)
{
	void *copy = malloc(room);

	return copy == NULL ? NULL : memcpy(copy, bytes, len);
}
