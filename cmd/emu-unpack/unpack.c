#include "unpack.h"

#include "extent_copy.h"
#include "json_text.h"
#include "member_path.h"
#include "reader.h"
#include "request.h"

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
	LARGE = 1 << 20,
	OWN_FILES = 256,
	ALIGN = 64 << 10, /* of a member in the spool: a file system's block */
};

/* jansson does not notice when json_dumps lacks memory for a key; what a stream
 * lacks, the stream knows. */
static int
print_line(json_t *line, struct reason *why)
{
	if (line == NULL)
		return reason_memory(why);
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
	    request_read(WORDS_FD, &unpack->members, why) < 0)
		return -1;
	return 0;
}

static bool
is_manifest(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash == NULL ? path : slash + 1, "images.json") == 0;
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

/* Chooses where the bytes of a member go. A file that is wanted, or is large,
 * has one of its own, as long as that leaves descriptors for others; the rest
 * goes into one file without a name, and is copied out of it at the end. */
static int
choose_place(struct unpack *unpack, bool wanted, uint64_t size,
    struct content *content, struct reason *why)
{
	bool own = (wanted || size >= LARGE) && unpack->own < OWN_FILES;

	*content = (struct content){.file = unpack->spool};
	if (!own && unpack->spool != NULL) {
		content->at = unpack->spool_end;
		return 0;
	}
	content->file =
	    new_files_open(unpack->files, unpack->dir, NULL, false, why);
	if (own)
		unpack->own++;
	else
		unpack->spool = content->file;
	return content->file == NULL ? -1 : 0;
}

/* Writes the content of a member. */
static int
extract(struct unpack *unpack, struct reader *reader,
    struct archive_entry *entry, struct member *member, struct reason *why)
{
	uint64_t size = (uint64_t)archive_entry_size(entry);
	struct content content;
	struct sink sink;
	char *what;

	if (choose_place(unpack, member->wanted, size, &content, why) < 0)
		return -1;
	if (asprintf(&what, "%s: %s", unpack->options->name, member->path) < 0)
		return reason_memory(why);
	sink_open(&sink, &content, unpack->options->max, what);
	int r = reader_extract(reader, entry, &sink, why);
	free(what);
	if (r < 0)
		return -1;
	if (content.file == unpack->spool)
		unpack->spool_end =
		    (content.at + content.size + ALIGN - 1) / ALIGN * ALIGN;
	members_fill(&unpack->members, member, &content);
	return 0;
}

/* A file's data is kept when it is wanted, or might turn out to be: because the
 * manifest or a link names it later, and there is no going back. */
static bool
keeps(const struct unpack *unpack, bool wanted, const struct reader *reader)
{
	if (unpack->waiting)
		return reader_is_stream(reader);
	return wanted || (unpack->members.missing > 0 && !unpack->rewindable);
}

/* path passes to it. `first` is the first name of a hard link that carries the
 * bytes of both, or NULL. */
static int
take_file(struct unpack *unpack, struct reader *reader,
    struct archive_entry *entry, char *path, struct member *first,
    struct reason *why)
{
	const struct member *known = members_find(&unpack->members, path);
	bool wanted = (known != NULL && known->wanted) ||
		      (first != NULL && first->wanted);
	bool keep = keeps(unpack, wanted, reader);
	bool hollow =
	    archive_entry_size(entry) == 0 && archive_entry_nlink(entry) > 1;

	if (unpack->waiting && !hollow &&
	    (is_manifest(path) ||
		(first != NULL && is_manifest(first->path)))) {
		int r = take_manifest(unpack, reader, path, why);

		free(path);
		return r;
	}
	if (!keep && !unpack->waiting) {
		free(path);
		return 0;
	}
	struct member *member =
	    members_add(&unpack->members, path, MEMBER_FILE, NULL, why);
	if (member == NULL)
		return -1;
	if (member->kind != MEMBER_FILE || member->content.file != NULL)
		return 0;
	member->hollow = hollow;
	return keep ? extract(unpack, reader, entry, member, why) : 0;
}

/* path and target pass to it. In a cpio archive, any one of a file's names
 * carries the bytes: when it is not the first, that one leads to it. */
static int
take_hard_link(struct unpack *unpack, struct reader *reader,
    struct archive_entry *entry, char *path, char *target, struct reason *why)
{
	struct member *first = members_find(&unpack->members, target);

	if (archive_entry_size(entry) == 0)
		return members_add(&unpack->members, path, MEMBER_LINK, target,
			   why) == NULL
			   ? -1
			   : 0;
	free(target);
	if (first != NULL && first->kind == MEMBER_FILE && first->hollow) {
		first->kind = MEMBER_LINK;
		first->target = strdup(path);
		if (first->target == NULL) {
			free(path);
			return reason_memory(why);
		}
	}
	return take_file(unpack, reader, entry, path, first, why);
}

static int
take_link(struct unpack *unpack, struct reader *reader,
    struct archive_entry *entry, char *path, struct reason *why)
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
	if (hard != NULL)
		return take_hard_link(unpack, reader, entry, path, target, why);
	return members_add(&unpack->members, path, MEMBER_LINK, target, why) ==
		       NULL
		   ? -1
		   : 0;
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
		return take_link(unpack, reader, entry, path, why);
	if (reader_is_file(reader, entry))
		return take_file(unpack, reader, entry, path, NULL, why);
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
	int r = reader_open(&reader, unpack->fd, unpack->options->name, why);

	unpack->members.pass++;
	while (r == 0 && (r = reader_next(&reader, &entry, why)) > 0)
		r = take(unpack, &reader, entry, why);
	unpack->ignored = reader.ignored;
	reader_close(&reader);
	return r;
}

/* Writes the content of a member into a file of this path, and closes it: there
 * may be more of them than descriptors. */
static int
copy(struct unpack *unpack, struct member *member, const char *path,
    struct reason *why)
{
	const struct content *content = &member->content;
	struct new_file *file =
	    new_files_open(unpack->files, unpack->dir, path, false, why);

	if (file == NULL)
		return -1;
	struct extent_copy job = {
	    .in = content->file->whole.fd, .out = file->whole.fd};
	if (ftruncate(job.out, (off_t)content->size) < 0 ||
	    extent_copy(&job, (off_t)content->at, 0, content->size) < 0)
		return reason_errno(why, "%s", path);
	return new_files_park(unpack->files, file, why);
}

/* Gives a file its name, when it holds this member alone; or makes a copy. */
static int
name_file(
    struct unpack *unpack, const struct wanted *wanted, struct reason *why)
{
	struct member *member = wanted->found;
	struct new_file *file = member->content.file;
	char *path;
	int r;

	if (asprintf(&path, "%s/%s", unpack->directory, wanted->name) < 0)
		return reason_memory(why);
	if (file == unpack->spool || file->path != NULL)
		r = copy(unpack, member, path, why);
	else
		r = new_files_name(unpack->files, file, path, why);
	free(path);
	return r;
}

/* Gives the files the names that were asked for; those without one go away. */
static int
name_files(struct unpack *unpack, struct reason *why)
{
	const struct members *members = &unpack->members;

	for (size_t i = 0; i < members->wanted; i++) {
		if (name_file(unpack, &members->list[i], why) < 0)
			return -1;
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
		if (lseek(unpack->fd, start, SEEK_SET) < 0)
			return reason_errno(why, "%s", unpack->options->name);
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

	for (size_t i = 0; i < members->wanted; i++) {
		const struct wanted *wanted = &members->list[i];
		const struct content *content = &wanted->found->content;

		if (print_line(json_pack("{s:s, s:s, s:I, s:I}", "member",
				   wanted->member, "name", wanted->name, "size",
				   (json_int_t)content->size, "written",
				   (json_int_t)content->written),
			why) < 0)
			return -1;
	}
	return 0;
}
