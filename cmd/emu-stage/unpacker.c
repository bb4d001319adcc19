#include "unpacker.h"

#include "../fatal.h"
#include "../memory.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS = 11 };

static const char program_name[] = "emu-unpack";

/* Returns the path of emu-unpack: the one beside this program when there is
 * one, else the bare name, for execvp to look up in PATH. */
static void
find_program(char program[PATH_MAX])
{
	size_t room = PATH_MAX - sizeof(program_name);
	ssize_t n = readlink("/proc/self/exe", program, room);
	char *slash;

	program[n > 0 ? n : 0] = '\0';
	slash = strrchr(program, '/');
	memcpy(slash == NULL ? program : slash + 1, program_name,
	    sizeof(program_name));
	if (access(program, X_OK) < 0)
		memcpy(program, program_name, sizeof(program_name));
}

/* Starts emu-unpack with this option (-z, or those with -w, with which it reads
 * words on descriptor 3) and the operand behind the archive. */
static void
start(struct unpacker *unpacker, const char *letters, const char *name,
    const char *operand)
{
	const struct staging *staging = unpacker->staging;
	char program[PATH_MAX], max[24];

	find_program(program);
	snprintf(max, sizeof(max), "%" PRIu64, staging->max);
	const char *const argv[] = {program, letters, "-d", staging->directory,
	    "-M", max, "-n", name, "-", operand, NULL};
	const struct child_plan plan = {.argv = argv,
	    .fds = {unpacker->in, CHILD_WRITES, STDERR_FILENO, CHILD_READS},
	    .count = strchr(letters, 'w') != NULL ? 4 : 3};
	new_files_start(&unpacker->staging->files, &unpacker->child, &plan);
	unpacker->lines = fdopen(unpacker->child.ends[1], "r");
	if (unpacker->lines == NULL)
		fatal_errno(program_name);
	unpacker->child.ends[1] = -1;
}

static void
wait_for(struct unpacker *unpacker)
{
	new_files_wait(
	    &unpacker->staging->files, &unpacker->child, program_name);
}

/* Reads the next line that it says. The caller frees it; NULL: the end. */
static json_t *
next_line(struct unpacker *unpacker)
{
	char *text = NULL;
	size_t size = 0;
	json_t *line = NULL;

	if (getline(&text, &size, unpacker->lines) > 0) {
		line = json_loads(text, 0, NULL);
		if (line == NULL)
			fatal(
			    "%s: its answer was not understood", program_name);
	} else if (!feof(unpacker->lines)) {
		fatal_errno(program_name);
	}
	free(text);
	return line;
}

/* Whether a path from the top of the archive leads out of it. */
static bool
leads_out(const char *path)
{
	int depth = 0;

	while (depth >= 0 && *path != '\0') {
		size_t n = strcspn(path, "/");

		if (n == 2 && strncmp(path, "..", 2) == 0)
			depth--;
		else if (n > 0 && strncmp(path, ".", n) != 0)
			depth++;
		path += n + (path[n] == '/');
	}
	return depth < 0;
}

/* Joins the entry's path to the manifest's directory. */
static void
join(json_t *entry, const char *manifest, const char *place)
{
	const char *slash = strrchr(manifest, '/');
	int len = slash == NULL ? 0 : (int)(slash + 1 - manifest);
	const char *path = json_string_value(json_object_get(entry, "path"));

	if (path == NULL || path[0] == '\0')
		return;
	char *joined = memory_format("%.*s%s", len, manifest, path);
	if (path[0] == '/' || leads_out(joined))
		fatal(
		    "%s.path: \"%s\" is no member of the archive", place, path);
	if (json_object_set_new(entry, "path", json_string(joined)) < 0)
		fatal_memory();
	free(joined);
}

static void
anchor(json_t *entry, const char *manifest, const char *place)
{
	/* What names files of the host. */
	static const char *const callers[] = {"staged", "backing"};

	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		if (json_object_get(entry, callers[i]) != NULL)
			fatal("%s.%s: an archive cannot say that", place,
			    callers[i]);
	}
	join(entry, manifest, place);
}

/* Adds the entries of the archive's images.json, which is in the line that
 * emu-unpack prints about it, to the document. Their paths are joined to the
 * manifest's directory in the archive. The entries may come from a stranger:
 * they name members of the archive, and cannot say that an image is staged. */
static void
add_manifest(struct document *document, const char *archive, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "manifest"));
	const json_t *text = json_object_get(line, "text");
	char called[1200], place[1250];
	struct reason why;
	size_t i;
	json_t *entry;

	if (name == NULL || !json_is_string(text))
		return;
	snprintf(called, sizeof(called), "%s: %s", archive, name);
	json_t *entries = document_parse_text(
	    called, json_string_value(text), json_string_length(text), &why);
	fatal_if(entries == NULL, &why);
	json_array_foreach(entries, i, entry)
	{
		snprintf(place, sizeof(place), "%s: [%zu]", called, i);
		anchor(entry, name, place);
	}
	fatal_if(images_add_entries(document, entries, called, NULL, &why) < 0,
	    &why);
	json_decref(entries);
}

/* Starts emu-unpack. Returns what it says of the archive's manifest. */
static json_t *
ask_manifest(struct unpacker *unpacker, const char *name)
{
	start(unpacker, "-mw", name, NULL);
	json_t *line = next_line(unpacker);
	if (line == NULL) {
		wait_for(unpacker);
		fatal("%s: printed nothing", program_name);
	}
	return line;
}

void
unpacker_start(struct unpacker *unpacker, const char *archive,
    struct document *document, const struct cache_dir *cache)
{
	bool is_stdin = strcmp(archive, "-") == 0;
	struct recipe *manifest = &unpacker->manifest;
	struct stat *st = &unpacker->staging->archive;

	unpacker->name = is_stdin ? "<stdin>" : archive;
	unpacker->in = is_stdin
			   ? STDIN_FILENO
			   : open(archive, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (unpacker->in < 0 || fstat(unpacker->in, st) < 0)
		fatal_errno(unpacker->name);
	*manifest = (struct recipe){
	    .file = is_stdin ? NULL : archive, .st = *st, .is_file = !is_stdin};
	if (cache->fd >= 0 && recipe_is_known(manifest)) {
		cache_key(manifest);
		unpacker->line = cache_find_manifest(cache, manifest);
	}
	if (unpacker->line == NULL)
		unpacker->line = ask_manifest(unpacker, unpacker->name);
	add_manifest(document, unpacker->name, unpacker->line);
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
static void
send_words(struct unpacker *unpacker, const struct recipe *first)
{
	const struct staging *staging = unpacker->staging;
	FILE *f = fdopen(unpacker->child.ends[3], "w");

	if (f == NULL)
		fatal_errno(program_name);
	unpacker->child.ends[3] = -1;
	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *r = &staging->list[i];

		if (unpacker_same(r, first))
			fprintf(f, "%s%c%s%c", r->member, 0, r->image->id, 0);
	}
	bool failed = ferror(f) != 0;
	if ((fclose(f) != 0 || failed) && errno != EPIPE)
		fatal_errno(program_name);
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
static void
take_results(struct unpacker *unpacker, const struct recipe *first)
{
	const struct staging *staging = unpacker->staging;
	json_t *line;

	while ((line = next_line(unpacker)) != NULL) {
		take_result(staging, line);
		json_decref(line);
	}
	fclose(unpacker->lines);
	wait_for(unpacker);
	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (!unpacker_same(recipe, first))
			continue;
		if (!recipe->reported)
			fatal("%s: %s is missing", program_name,
			    recipe->image->id);
		recipe_sum(staging, recipe);
	}
}

void
unpacker_finish(struct unpacker *unpacker)
{
	const struct recipe any = {.how = HOW_EXTRACT};
	const struct staging *staging = unpacker->staging;
	bool wanted = false;

	for (size_t i = 0; i < staging->count; i++) {
		if (unpacker_same(&staging->list[i], &any)) {
			staging->list[i].reading = unpacker->in;
			wanted = true;
		}
	}
	if (!wanted) {
		if (unpacker->lines != NULL)
			new_files_end(
			    &unpacker->staging->files, &unpacker->child);
		return;
	}
	if (unpacker->lines == NULL)
		start(unpacker, "-w", unpacker->name, NULL);
	send_words(unpacker, &any);
	take_results(unpacker, &any);
}

void
unpacker_run(struct staging *staging, struct recipe *recipe)
{
	struct unpacker unpacker = {
	    .staging = staging, .in = recipe_open_source(recipe)};
	bool extract = recipe->how == HOW_EXTRACT;

	start(&unpacker, extract ? "-w" : "-z", recipe->source,
	    extract ? NULL : recipe->image->id);
	if (S_ISREG(recipe->st.st_mode))
		recipe->reading = unpacker.in;
	else
		/* The writer of a FIFO notices when its reader is gone. */
		close(unpacker.in);
	if (extract)
		send_words(&unpacker, recipe);
	take_results(&unpacker, recipe);
	if (recipe->reading >= 0)
		close(unpacker.in);
	recipe->finished = true;
	recipe->reading = -1;
}
