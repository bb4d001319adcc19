#include "value.h"

#include "../fatal.h"
#include "path.h"

#include <stdlib.h>

void
value_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		fatal_memory();
}

void
value_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		fatal_memory();
}

json_t *
value_path(const char *directory, const char *path)
{
	char *absolute = path_absolute(directory, path);

	if (absolute == NULL)
		fatal_errno(path);
	json_t *value = json_string(absolute);
	if (value == NULL)
		fatal(
		    "%s: its path is not UTF-8, as a document has to be", path);
	free(absolute);
	return value;
}
