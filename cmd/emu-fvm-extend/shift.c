#include "shift.h"

#include "extent_copy.h"
#include "file_io.h"
#include "sparse_write.h"

#include <stdlib.h>

enum { BLOCK = 1 << 20 }; /* as large as the folios of the page cache */

/* Data between two holes. */
struct extent {
	off_t start, end;
};

/* Lists the data of [start, end). The caller frees the list. Returns 0, or -1
 * with errno set. */
static int
list_data(int fd, off_t start, off_t end, struct extent **list, size_t *count)
{
	struct extent *longer, next = {.end = start};

	while (extent_find(fd, next.end, end, &next.start, &next.end) == 0) {
		if (next.start == end)
			return 0;
		/* Room is doubled at every power of two. */
		if ((*count & (*count - 1)) == 0) {
			longer = reallocarray(
			    *list, *count > 0 ? 2 * *count : 1, sizeof(**list));
			if (longer == NULL)
				return -1;
			*list = longer;
		}
		(*list)[(*count)++] = next;
	}
	return -1;
}

/* All of a block is read before any of it is written: the two places overlap.
 */
static int
move_extent(int fd, unsigned char *bytes, const struct extent *extent,
    uint64_t by, uint64_t *written)
{
	uint64_t start = (uint64_t)extent->start, end = (uint64_t)extent->end;
	int result = 0;

	while (end > start && result == 0) {
		uint64_t at = end - start > BLOCK ? end - BLOCK : start;
		size_t len = (size_t)(end - at);

		result = file_read(fd, bytes, len, at);
		if (result == 0 && sparse_is_zero(bytes, len)) {
			result = file_punch(fd, at + by, end + by);
		} else if (result == 0) {
			result = file_write(fd, bytes, len, at + by);
			*written += len;
		}
		end = at;
	}
	return result;
}

int
shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written)
{
	unsigned char *bytes = aligned_alloc(4096, BLOCK);
	struct extent *list = NULL;
	size_t count = 0;
	int result = bytes == NULL ? -1
				   : list_data(fd, (off_t)start, (off_t)end,
					 &list, &count);

	while (count > 0 && result == 0) {
		const struct extent *last = &list[--count];

		result = file_punch(fd, (uint64_t)last->end + by, end + by);
		if (result == 0)
			result = move_extent(fd, bytes, last, by, written);
		end = (uint64_t)last->start;
	}
	if (result == 0)
		result = file_punch(fd, start + by, end + by);
	free(list);
	free(bytes);
	return result;
}
