#include "unpack.h"

#include "digest.h"
#include "extent_copy.h"
#include "json_text.h"
#include "member_path.h"
#include "reader.h"
#include "words.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WORDS_FD = 3,
	MANIFEST_MAX = 16 << 20,
};

/* jansson does not notice when json_dumps lacks memory for a key; what a stream
 * lacks, the stream knows. */
static int
print_line(json_t *line, struct reason *why)
{
	if (line == NULL)
		return reason_set(why, "memory, or a name is not UTF-8");
	char *text = json_text(line, JSON_COMPACT);
	json_decref(line);
	if (text == NULL)
		return reason_memory(why);
	int r = puts(text);
	free(text);
	return r == EOF ? reason_errno(why, "<stdout>") : 0;
}

/* The manifest goes out, or the news that there is none; what is wanted comes
 * back. */
static int
exchange(struct unpack *unpack, const char *path, const char *text, size_t len,
    struct reason *why)
{
	unpack->waiting = false;
	if (unpack->options->manifest) {
		json_t *line = text == NULL
				   ? json_pack("{s:n}", "manifest")
				   : json_pack("{s:s, s:s%}", "manifest", path,
					 "text", text, len);

		if (line == NULL)
			return reason_set(why, "%s: %s: not UTF-8 text",
			    unpack->options->name, path);
		if (print_line(line, why) < 0)
			return -1;
		if (fflush(stdout) != 0)
			return reason_errno(why, "<stdout>");
	}
	if (unpack->options->words &&
	    words_read(WORDS_FD, &unpack->members, why) < 0)
		return -1;
	unpack->complete = members_complete(&unpack->members);
	return 0;
}

static bool
is_manifest(const struct unpack *unpack, const char *path)
{
	const char *slash = strrchr(path, '/');

	return unpack->waiting && unpack->options->manifest &&
	       strcmp(slash == NULL ? path : slash + 1, "images.json") == 0;
}

static int
take_manifest(struct unpack *unpack, struct reader *reader, const char *path,
    struct reason *why)
{
	size_t len;
	char *text = reader_text(reader, MANIFEST_MAX, &len, why);

	if (text == NULL)
		return -1;
	int r = exchange(unpack, path, text, len, why);
	free(text);
	return r;
}

/* Writes the content of a member of this path into a new file. */
static int
extract(struct unpack *unpack, struct reader *reader,
    struct archive_entry *entry, size_t index, bool digest, struct reason *why)
{
	const char *path = unpack->members.list[index].path;
	struct content content;
	struct sink sink;
	char *what = NULL;
	int result = -1;
	struct new_file *file =
	    new_files_open(unpack->files, unpack->dir, NULL, false, why);

	if (file == NULL)
		return -1;
	if (asprintf(&what, "%s: %s", unpack->options->name, path) < 0)
		return reason_memory(why);
	sink_open(&sink, file->whole.fd, digest, unpack->options->max, what);
	if (reader_extract(reader, entry, &sink, &content, why) == 0) {
		unpack->members.list[index].file = file;
		unpack->members.list[index].content = content;
		result = 0;
	}
	free(what);
	return result;
}

/* A file's data is kept when it is wanted, or might turn out to be: because the
 * manifest or a link names it later, and there is no going back. */
static bool
keeps(const struct unpack *unpack, bool wanted, bool stream)
{
	if (unpack->waiting)
		return stream;
	return wanted || (!unpack->complete && !unpack->rewindable);
}

static int
take_file(struct unpack *unpack, struct reader *reader,
    struct archive_entry *entry, char *path, struct reason *why)
{
	struct members *members = &unpack->members;
	const struct wanted *wanting = members_wanting(members, path);
	bool wanted = wanting != NULL;
	bool keep = keeps(unpack, wanted, reader_is_stream(reader));
	size_t index = members->count;

	if (is_manifest(unpack, path)) {
		int r = take_manifest(unpack, reader, path, why);

		free(path);
		return r;
	}
	if (!keep && !wanted && !unpack->waiting) {
		free(path);
		return 0;
	}
	if (members_add(members, path, MEMBER_FILE, NULL, why) == NULL)
		return -1;
	if (keep && extract(unpack, reader, entry, index,
			wanted && wanting->digest, why) < 0)
		return -1;
	if (wanted)
		unpack->complete = members_complete(members);
	return 0;
}

static int
take_link(struct unpack *unpack, struct archive_entry *entry, char *path,
    struct reason *why)
{
	const char *hard = archive_entry_hardlink(entry);
	const char *symbolic = archive_entry_symlink(entry);
	char *target = NULL;

	errno = 0;
	if (hard != NULL)
		target = member_path(hard);
	else if (symbolic != NULL)
		target = member_path_link(path, symbolic);
	if (target == NULL && errno != 0) {
		free(path);
		return reason_memory(why);
	}
	if (members_add(&unpack->members, path, MEMBER_LINK, target, why) ==
	    NULL)
		return -1;
	return 0;
}

static int
take(struct unpack *unpack, struct reader *reader, struct archive_entry *entry,
    struct reason *why)
{
	const char *name = archive_entry_pathname(entry);

	/* A name in no character set is one that nobody can ask for. */
	if (name == NULL)
		return 0;
	char *path = member_path(name);
	if (path == NULL)
		return reason_memory(why);
	if (archive_entry_hardlink(entry) != NULL ||
	    archive_entry_filetype(entry) == AE_IFLNK)
		return take_link(unpack, entry, path, why);
	if (reader_is_file(reader, entry))
		return take_file(unpack, reader, entry, path, why);
	if (!unpack->waiting &&
	    members_wanting(&unpack->members, path) == NULL) {
		free(path);
		return 0;
	}
	return members_add(&unpack->members, path, MEMBER_OTHER, NULL, why) ==
		       NULL
		   ? -1
		   : 0;
}

static int
pass(struct unpack *unpack, struct reason *why)
{
	struct archive_entry *entry;
	struct reader reader;
	int r =
	    reader_open(&reader, unpack->fd, unpack->options->name, false, why);

	if (r == 0) {
		while ((r = reader_next(&reader, &entry, why)) > 0) {
			if (take(unpack, &reader, entry, why) < 0) {
				r = -1;
				break;
			}
		}
	}
	reader_close(&reader);
	return r;
}

/* A file that is wanted under several names gets several copies. */
static int
duplicate(struct unpack *unpack, const struct member *member, const char *path,
    struct reason *why)
{
	struct new_file *copy =
	    new_files_open(unpack->files, unpack->dir, path, false, why);

	if (copy == NULL)
		return -1;
	struct extent_copy job = {
	    .in = member->file->whole.fd, .out = copy->whole.fd};
	if (ftruncate(copy->whole.fd, (off_t)member->content.size) < 0 ||
	    extent_copy(&job, 0, 0, member->content.size) < 0)
		return reason_errno(why, "%s", path);
	return 0;
}

/* The digest of a member that was written before it was known that one is
 * wanted. */
static int
read_digest(struct unpack *unpack, struct member *member, struct reason *why)
{
	struct digest digest;
	struct extent_copy job = {.in = member->file->whole.fd,
	    .out = -1,
	    .see = digest_add,
	    .context = &digest};

	digest_start(&digest);
	int r = extent_copy(&job, 0, 0, member->content.size);
	if (r < 0)
		reason_errno(
		    why, "%s: %s", unpack->options->name, member->path);
	digest_end_text(&digest, member->content.digest);
	return r;
}

/* Gives the files the names that were asked for, and lets the others go. */
static int
name_files(struct unpack *unpack, struct reason *why)
{
	struct members *members = &unpack->members;

	for (size_t i = 0; i < members->wanted_count; i++) {
		const struct wanted *wanted = &members->wanted[i];
		struct member *member = &members->list[wanted->found];
		char *path;
		int r;

		if (asprintf(&path, "%s/%s", unpack->directory, wanted->name) <
		    0)
			return reason_memory(why);
		if (member->claimed)
			r = duplicate(unpack, member, path, why);
		else
			r = new_files_name(
			    unpack->files, member->file, path, why);
		free(path);
		if (r < 0)
			return -1;
		member->claimed = true;
		if (wanted->digest && member->content.digest[0] == '\0' &&
		    read_digest(unpack, member, why) < 0)
			return -1;
	}
	for (size_t i = 0; i < members->count; i++) {
		struct member *member = &members->list[i];

		if (member->file != NULL && !member->claimed)
			new_files_drop(unpack->files, member->file);
	}
	return new_files_commit(unpack->files, why);
}

int
unpack_archive(struct unpack *unpack, struct reason *why)
{
	off_t start = lseek(unpack->fd, 0, SEEK_CUR);
	bool again = false;

	unpack->rewindable = start >= 0;
	unpack->waiting = unpack->options->manifest;
	if (!unpack->waiting && exchange(unpack, NULL, NULL, 0, why) < 0)
		return -1;
	if (pass(unpack, why) < 0)
		return -1;
	if (unpack->waiting && exchange(unpack, "", NULL, 0, why) < 0)
		return -1;
	if (members_resolve(&unpack->members, &again, why) < 0)
		return -1;
	if (again) {
		if (!unpack->rewindable ||
		    lseek(unpack->fd, start, SEEK_SET) < 0)
			return reason_set(why, "%s: cannot be read twice",
			    unpack->options->name);
		if (pass(unpack, why) < 0 ||
		    members_resolve(&unpack->members, &again, why) < 0)
			return -1;
	}
	return name_files(unpack, why);
}

int
unpack_report(const struct unpack *unpack, struct reason *why)
{
	const struct members *members = &unpack->members;

	for (size_t i = 0; i < members->wanted_count; i++) {
		const struct wanted *wanted = &members->wanted[i];
		const struct content *content =
		    &members->list[wanted->found].content;
		json_t *line =
		    json_pack("{s:s, s:s, s:I, s:I}", "member", wanted->member,
			"name", wanted->name, "size", (json_int_t)content->size,
			"written", (json_int_t)content->written);

		if (line != NULL && content->digest[0] != '\0' &&
		    json_object_set_new(
			line, "sha256", json_string(content->digest)) < 0) {
			json_decref(line);
			line = NULL;
		}
		if (print_line(line, why) < 0)
			return -1;
	}
	return 0;
}
