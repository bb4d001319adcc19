#include "runs.h"

#include "input.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_BYTES = 64 << 20 };

/* Returns the place of a new run, or NULL when memory is short. */
static struct run *
add(struct runs *runs)
{
	if (runs->count == runs->room) {
		size_t room = runs->room * 2 + 64;
		struct run *list =
		    reallocarray(runs->list, room, sizeof(*list));

		if (list == NULL)
			return NULL;
		runs->list = list;
		runs->room = room;
	}
	runs->list[runs->count] = (struct run){0};
	return &runs->list[runs->count++];
}

int
runs_read(struct runs *runs, char *files[], struct reason *why)
{
	*runs = (struct runs){0};
	for (; *files != NULL; files++) {
		struct run *run = add(runs);

		if (run == NULL || run_read(run, *files) < 0)
			return reason_memory(why);
	}
	return 0;
}

struct name {
	const char *text;
	size_t rank; /* its place in the file */
	bool seen;
};

struct names {
	char *bytes; /* owned, as are the next */
	struct name *list;
	size_t count;
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(
	    ((const struct name *)a)->text, ((const struct name *)b)->text);
}

static int
compare_runs(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Reads the names and sorts them by their text. */
static int
read_names(struct names *names, const char *file, struct reason *why)
{
	size_t len, lines = 1, rank = 0;
	char *line;

	if (input_read(file, NAMES_BYTES, &names->bytes, &len, why) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		lines += names->bytes[i] == '\n';
	names->list = calloc(lines, sizeof(*names->list));
	if (names->list == NULL)
		return reason_memory(why);
	for (char *rest = names->bytes; (line = strsep(&rest, "\n")) != NULL;) {
		line[strcspn(line, "\r")] = '\0';
		if (line[0] != '\0')
			names->list[names->count++] =
			    (struct name){line, rank++, false};
	}
	qsort(names->list, names->count, sizeof(*names->list), compare_names);
	return 0;
}

/* Gives each run its rank; those of no name come last. */
static void
rank_runs(struct runs *runs, struct names *names)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct run *run = &runs->list[i];
		struct name key = {.text = run->name};
		struct name *found = bsearch(&key, names->list, names->count,
		    sizeof(key), compare_names);

		run->rank = found != NULL ? found->rank : names->count;
		run->order = i;
		if (found != NULL)
			found->seen = true;
	}
}

static int
add_missing(struct runs *runs, const struct names *names, struct reason *why)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct name *name = &names->list[i];

		if (name->seen)
			continue;
		struct run *run = add(runs);
		if (run == NULL || run_missing(run, name->text) < 0)
			return reason_memory(why);
		run->rank = name->rank;
	}
	return 0;
}

int
runs_order(struct runs *runs, const char *file, struct reason *why)
{
	struct names names = {0};
	int result = read_names(&names, file, why);

	if (result == 0) {
		rank_runs(runs, &names);
		result = add_missing(runs, &names, why);
	}
	if (result == 0 && runs->count > 0)
		qsort(
		    runs->list, runs->count, sizeof(*runs->list), compare_runs);
	free(names.list);
	free(names.bytes);
	return result;
}

void
runs_free(struct runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		run_free(&runs->list[i]);
	free(runs->list);
}
