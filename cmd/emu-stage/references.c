#include "references.h"

#include "backing.h"

#include <stdlib.h>
#include <string.h>

bool
references_can_be(const char *format)
{
	return format != NULL && strcmp(format, "raw") != 0;
}

/* Stores the paths that the entry names, NULL at the end. Returns their number.
 */
static size_t
list_named(const json_t *backing, const char **named)
{
	size_t i, count = 0;
	json_t *path;

	if (json_is_string(backing))
		named[count++] = json_string_value(backing);
	json_array_foreach(backing, i, path) named[count++] =
	    json_string_value(path);
	return count;
}

int
references_check(const struct recipe *recipe, const char *file, bool *backed,
    struct reason *why)
{
	size_t most = json_array_size(recipe->backing) + 1;
	const char **named = calloc(most, sizeof(*named));
	bool *used = calloc(most, sizeof(*used));
	int result = -1;

	*backed = false;
	if (named == NULL || used == NULL) {
		reason_memory(why);
	} else {
		size_t count = list_named(recipe->backing, named);

		result = backing_check(
		    file, recipe->format, named, count, used, why);
		for (size_t i = 0; i < count; i++)
			*backed |= used[i];
	}
	free(named);
	free(used);
	return result;
}
