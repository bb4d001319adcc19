#include "unpacker.h"

#include "image.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGUMENTS = 12 };

/* Starts emu-unpack with these options and operands behind the common ones, and
 * its stdin from `in`; with -w it reads words on descriptor 3. */
static int
start(struct unpacker *unpacker, int in, const char *letters, const char *name,
    const char *operand, bool digest, struct reason *why)
{
	const char *argv[ARGUMENTS];
	char *program = path_sibling("emu-unpack");
	char max[24];
	size_t n = 0;
	int result = -1;

	if (program == NULL)
		return reason_errno(why, "emu-unpack");
	snprintf(max, sizeof(max), "%" PRIu64, unpacker->max);
	argv[n++] = program;
	argv[n++] = letters;
	if (digest)
		argv[n++] = "-s";
	argv[n++] = "-d";
	argv[n++] = unpacker->directory;
	argv[n++] = "-M";
	argv[n++] = max;
	argv[n++] = "-n";
	argv[n++] = name;
	argv[n++] = "-";
	argv[n++] = operand;
	argv[n] = NULL;
	const struct child_plan plan = {.argv = argv,
	    .fds = {in, CHILD_WRITES, STDERR_FILENO, CHILD_READS},
	    .count = strchr(letters, 'w') != NULL ? 4 : 3};
	if (new_files_start(unpacker->files, &unpacker->child, &plan, why) ==
	    0) {
		unpacker->lines = fdopen(unpacker->child.ends[1], "r");
		result = unpacker->lines == NULL
			     ? reason_errno(why, "emu-unpack")
			     : 0;
		unpacker->child.ends[1] = -1;
	}
	free(program);
	return result;
}

/* Opens a file or a FIFO; that may take long. */
static int
open_source(const char *path, struct reason *why)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? reason_errno(why, "%s", path) : fd;
}

static int
wait_for(struct unpacker *unpacker, struct reason *why)
{
	return command_wait(
	    unpacker->files, &unpacker->child, "emu-unpack", why);
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
		result = *line != NULL
			     ? 1
			     : reason_set(
				   why, "emu-unpack: its answer is not clear");
	} else if (!feof(unpacker->lines)) {
		result = reason_errno(why, "emu-unpack");
	}
	free(text);
	return result;
}

/* Entries of a manifest in a directory of the archive. */
static int
join_directory(json_t *entries, const char *manifest, struct reason *why)
{
	const char *slash = strrchr(manifest, '/');
	int len = slash == NULL ? 0 : (int)(slash + 1 - manifest);
	size_t i;
	json_t *entry;

	json_array_foreach(entries, i, entry)
	{
		const char *path =
		    json_string_value(json_object_get(entry, "path"));
		char *joined;

		if (len == 0 || path == NULL || path[0] == '\0')
			continue;
		if (asprintf(&joined, "%.*s%s", len, manifest, path) < 0)
			return reason_memory(why);
		json_object_set_new(entry, "path", json_string(joined));
		free(joined);
	}
	return 0;
}

static int
add_manifest(struct document *document, const char *archive, const json_t *line,
    struct reason *why)
{
	const char *name = json_string_value(json_object_get(line, "manifest"));
	const json_t *text = json_object_get(line, "text");
	char *called;
	int result = -1;

	if (name == NULL || !json_is_string(text))
		return 0;
	if (asprintf(&called, "%s: %s", archive, name) < 0)
		return reason_memory(why);
	json_t *entries = document_parse_text(
	    called, json_string_value(text), json_string_length(text), why);
	if (entries != NULL && join_directory(entries, name, why) == 0)
		result =
		    images_add_entries(document, entries, called, NULL, why);
	json_decref(entries);
	free(called);
	return result;
}

int
unpacker_start(struct unpacker *unpacker, const char *archive,
    struct document *document, struct reason *why)
{
	bool is_stdin = strcmp(archive, "-") == 0;
	const char *name = is_stdin ? "<stdin>" : archive;
	json_t *line;

	unpacker->in = is_stdin ? STDIN_FILENO : open_source(archive, why);
	if (unpacker->in < 0 ||
	    start(unpacker, unpacker->in, "-mw", name, NULL, false, why) < 0)
		return -1;
	int r = next_line(unpacker, &line, why);
	if (r == 0)
		return wait_for(unpacker, why) < 0
			   ? -1
			   : reason_set(why, "emu-unpack: said nothing");
	if (r > 0)
		r = add_manifest(document, name, line, why);
	json_decref(line);
	return r;
}

static bool
same_archive(const struct job *a, const struct job *b)
{
	if (a->how != HOW_EXTRACTED || b->how != HOW_EXTRACTED)
		return a == b;
	if (a->source == NULL || b->source == NULL)
		return a->source == b->source;
	return strcmp(a->source, b->source) == 0;
}

bool
unpacker_is_wanted(const struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++) {
		if (jobs->list[i].how == HOW_EXTRACTED &&
		    jobs->list[i].source == NULL)
			return true;
	}
	return false;
}

void
unpacker_dismiss(struct unpacker *unpacker)
{
	child_signal(&unpacker->child, SIGKILL);
	new_files_end(unpacker->files, &unpacker->child);
	if (unpacker->lines != NULL)
		fclose(unpacker->lines);
	unpacker->lines = NULL;
}

bool
unpacker_leads(const struct jobs *jobs, const struct job *job)
{
	if (job->how != HOW_STREAMED && job->how != HOW_DECOMPRESSED &&
	    job->how != HOW_EXTRACTED)
		return false;
	for (const struct job *j = jobs->list; j < job; j++) {
		if (same_archive(j, job))
			return false;
	}
	return true;
}

/* Tells it what is wanted. When it has ended already, waiting for it says why.
 */
static int
send_words(struct unpacker *unpacker, const struct jobs *jobs,
    const struct job *job, struct reason *why)
{
	FILE *f = fdopen(unpacker->child.ends[3], "w");

	if (f == NULL)
		return reason_errno(why, "emu-unpack");
	unpacker->child.ends[3] = -1;
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *j = &jobs->list[i];

		if (j->how == HOW_EXTRACTED && same_archive(j, job))
			fprintf(f, "%s%c%s%c%s%c", j->member, 0, j->image->id,
			    0, j->sha256 != NULL ? "s" : "", 0);
	}
	bool failed = ferror(f) != 0;
	if ((fclose(f) != 0 || failed) && errno != EPIPE)
		return reason_errno(why, "emu-unpack");
	return 0;
}

static void
take_result(struct jobs *jobs, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	const char *digest = json_string_value(json_object_get(line, "sha256"));

	for (size_t i = 0; name != NULL && i < jobs->count; i++) {
		struct job *job = &jobs->list[i];

		if (job->image == NULL || strcmp(job->image->id, name) != 0)
			continue;
		job->reported = true;
		job->size =
		    (uint64_t)json_integer_value(json_object_get(line, "size"));
		job->written = (uint64_t)json_integer_value(
		    json_object_get(line, "written"));
		if (digest != NULL)
			snprintf(
			    job->digest, sizeof(job->digest), "%s", digest);
	}
}

/* Takes what it says about the images that one run makes: job's, and those of
 * the same archive. */
static int
take_results(struct unpacker *unpacker, struct jobs *jobs,
    const struct job *job, struct reason *why)
{
	json_t *line;
	int r;

	while ((r = next_line(unpacker, &line, why)) > 0) {
		take_result(jobs, line);
		json_decref(line);
	}
	if (r < 0)
		return -1;
	fclose(unpacker->lines);
	unpacker->lines = NULL;
	if (wait_for(unpacker, why) < 0)
		return -1;
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *j = &jobs->list[i];

		if (same_archive(j, job) && !j->reported)
			return reason_set(
			    why, "emu-unpack: %s is missing", j->image->id);
	}
	return 0;
}

int
unpacker_finish(
    struct unpacker *unpacker, struct jobs *jobs, struct reason *why)
{
	const struct job any = {.how = HOW_EXTRACTED};

	int result = send_words(unpacker, jobs, &any, why);
	if (result == 0)
		result = take_results(unpacker, jobs, &any, why);
	unpacker_dismiss(unpacker);
	return result;
}

int
unpacker_run(struct unpacker *unpacker, struct jobs *jobs, struct job *job,
    struct reason *why)
{
	const char *letters = job->how == HOW_STREAMED    ? "-r"
			      : job->how == HOW_EXTRACTED ? "-w"
							  : "-z";
	const char *operand = job->how == HOW_EXTRACTED ? NULL : job->image->id;

	int in = job->in >= 0 ? job->in : open_source(job->source, why);

	if (in < 0)
		return -1;
	int result = start(unpacker, in, letters, job->source, operand,
	    job->sha256 != NULL && operand != NULL, why);
	/* The writer of a FIFO has to notice when its reader is gone. */
	if (in != job->in)
		close(in);
	if (result == 0 && job->how == HOW_EXTRACTED)
		result = send_words(unpacker, jobs, job, why);
	if (result == 0)
		result = take_results(unpacker, jobs, job, why);
	unpacker_dismiss(unpacker);
	return result;
}
