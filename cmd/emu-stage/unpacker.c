#include "unpacker.h"

#include "archive_manifest.h"
#include "path.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS = 11 };

static const char program_name[] = "emu-unpack";

/* Starts emu-unpack with this option (-z, or those with -w, with which it reads
 * words on descriptor 3) and the operand behind the archive. */
static int
start(struct unpacker *unpacker, const char *letters, const char *name,
    const char *operand, struct reason *why)
{
	const struct staging *staging = unpacker->staging;
	const char *argv[ARGUMENTS];
	char *program = path_sibling(program_name);
	char max[24];
	size_t n = 0;

	if (program == NULL)
		return reason_errno(why, "%s", program_name);
	snprintf(max, sizeof(max), "%" PRIu64, staging->max);
	argv[n++] = program;
	argv[n++] = letters;
	argv[n++] = "-d";
	argv[n++] = staging->directory;
	argv[n++] = "-M";
	argv[n++] = max;
	argv[n++] = "-n";
	argv[n++] = name;
	argv[n++] = "-";
	argv[n++] = operand;
	argv[n] = NULL;
	const struct child_plan plan = {.argv = argv,
	    .fds = {unpacker->in, CHILD_WRITES, STDERR_FILENO, CHILD_READS},
	    .count = strchr(letters, 'w') != NULL ? 4 : 3};
	int result = new_files_start(
	    &unpacker->staging->files, &unpacker->child, &plan, why);
	free(program);
	if (result < 0)
		return -1;
	unpacker->lines = fdopen(unpacker->child.ends[1], "r");
	if (unpacker->lines == NULL)
		return reason_errno(why, "%s", program_name);
	unpacker->child.ends[1] = -1;
	return 0;
}

static int
wait_for(struct unpacker *unpacker, struct reason *why)
{
	return new_files_wait(
	    &unpacker->staging->files, &unpacker->child, program_name, why);
}

/* Ends it, if it has not ended, and forgets it. */
static void
dismiss(struct unpacker *unpacker)
{
	child_signal(&unpacker->child, SIGKILL);
	new_files_end(&unpacker->staging->files, &unpacker->child);
	if (unpacker->lines != NULL)
		fclose(unpacker->lines);
	unpacker->lines = NULL;
}

/* Reads the next line that it says. Returns 1 with it, 0 at the end, or -1 with
 * the reason. */
static int
next_line(struct unpacker *unpacker, json_t **line, struct reason *why)
{
	char *text = NULL;
	size_t size = 0;
	int result = 0;

	*line = NULL;
	if (getline(&text, &size, unpacker->lines) > 0) {
		*line = json_loads(text, 0, NULL);
		result =
		    *line != NULL
			? 1
			: reason_set(why, "%s: its answer was not understood",
			      program_name);
	} else if (!feof(unpacker->lines)) {
		result = reason_errno(why, "%s", program_name);
	}
	free(text);
	return result;
}

int
unpacker_start(struct unpacker *unpacker, const char *archive,
    struct document *document, struct reason *why)
{
	bool is_stdin = strcmp(archive, "-") == 0;
	const char *name = is_stdin ? "<stdin>" : archive;
	json_t *line;

	unpacker->in = is_stdin
			   ? STDIN_FILENO
			   : open(archive, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (unpacker->in < 0)
		return reason_errno(why, "%s", archive);
	if (start(unpacker, "-mw", name, NULL, why) < 0)
		return -1;
	int r = next_line(unpacker, &line, why);
	if (r == 0)
		return wait_for(unpacker, why) < 0
			   ? -1
			   : reason_set(
				 why, "%s: printed nothing", program_name);
	if (r > 0)
		r = archive_manifest_add(document, name, line, why);
	json_decref(line);
	return r;
}

bool
unpacker_same(const struct recipe *a, const struct recipe *b)
{
	if (a->how != HOW_EXTRACT || b->how != HOW_EXTRACT)
		return a == b;
	if (a->source == NULL || b->source == NULL)
		return a->source == b->source;
	return strcmp(a->source, b->source) == 0;
}

/* Tells it what is wanted. When it has ended already, waiting for it says why.
 */
static int
send_words(
    struct unpacker *unpacker, const struct recipe *first, struct reason *why)
{
	const struct staging *staging = unpacker->staging;
	FILE *f = fdopen(unpacker->child.ends[3], "w");

	if (f == NULL)
		return reason_errno(why, "%s", program_name);
	unpacker->child.ends[3] = -1;
	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *r = &staging->list[i];

		if (unpacker_same(r, first))
			fprintf(f, "%s%c%s%c", r->member, 0, r->image->id, 0);
	}
	bool failed = ferror(f) != 0;
	if ((fclose(f) != 0 || failed) && errno != EPIPE)
		return reason_errno(why, "%s", program_name);
	return 0;
}

static void
take_result(const struct staging *staging, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "name"));

	for (size_t i = 0; name != NULL && i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (recipe->image == NULL ||
		    strcmp(recipe->image->id, name) != 0)
			continue;
		recipe->reported = true;
		recipe->size =
		    (uint64_t)json_integer_value(json_object_get(line, "size"));
		recipe->written = (uint64_t)json_integer_value(
		    json_object_get(line, "written"));
	}
}

/* Takes what it says about the images that one run makes. */
static int
take_results(
    struct unpacker *unpacker, const struct recipe *first, struct reason *why)
{
	const struct staging *staging = unpacker->staging;
	json_t *line;
	int r;

	while ((r = next_line(unpacker, &line, why)) > 0) {
		take_result(staging, line);
		json_decref(line);
	}
	if (r < 0 || wait_for(unpacker, why) < 0)
		return -1;
	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (!unpacker_same(recipe, first))
			continue;
		if (!recipe->reported)
			return reason_set(why, "%s: %s is missing",
			    program_name, recipe->image->id);
		if (recipe_sum(staging, recipe, why) < 0)
			return -1;
	}
	return 0;
}

int
unpacker_finish(struct unpacker *unpacker, struct reason *why)
{
	const struct recipe any = {.how = HOW_EXTRACT};
	const struct staging *staging = unpacker->staging;
	bool wanted = false;
	int result = 0;

	for (size_t i = 0; i < staging->count; i++) {
		if (unpacker_same(&staging->list[i], &any)) {
			staging->list[i].reading = unpacker->in;
			wanted = true;
		}
	}
	if (wanted)
		result = send_words(unpacker, &any, why);
	if (wanted && result == 0)
		result = take_results(unpacker, &any, why);
	dismiss(unpacker);
	return result;
}

int
unpacker_run(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	struct unpacker unpacker = {
	    .staging = staging, .in = source_open(recipe, why)};
	bool extract = recipe->how == HOW_EXTRACT;
	int result = -1;

	if (unpacker.in < 0)
		return -1;
	result = start(&unpacker, extract ? "-w" : "-z", recipe->source,
	    extract ? NULL : recipe->image->id, why);
	if (S_ISREG(recipe->st.st_mode)) {
		recipe->reading = unpacker.in;
	} else {
		/* The writer of a FIFO notices when its reader is gone. */
		close(unpacker.in);
	}
	if (result == 0 && extract)
		result = send_words(&unpacker, recipe, why);
	if (result == 0)
		result = take_results(&unpacker, recipe, why);
	dismiss(&unpacker);
	if (recipe->reading >= 0)
		close(unpacker.in);
	recipe->finished = true;
	recipe->reading = -1;
	return result;
}
