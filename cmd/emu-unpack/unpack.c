#include "unpack.h"

#include "../fatal.h"
#include "../memory.h"
#include "extent_copy.h"
#include "json_text.h"
#include "member_path.h"

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
static void
print_line(json_t *line)
{
	char *text = memory_got(json_text(memory_got(line), JSON_COMPACT));

	json_decref(line);
	if (puts(text) == EOF)
		fatal_errno("<stdout>");
	free(text);
}

/* Reads pairs of NUL-terminated words: a member and its name. */
static void
read_words(struct members *members)
{
	FILE *f = fdopen(WORDS_FD, "r");
	char *words[2] = {NULL};
	size_t sizes[2] = {0}, i = 0;

	if (f == NULL)
		fatal_errno("<fd 3>");
	for (; getdelim(&words[i], &sizes[i], '\0', f) >= 0; i = !i) {
		if (i == 1)
			members_want(members, words[0], words[1]);
	}
	if (ferror(f))
		fatal_errno("<fd 3>");
	if (i != 0)
		fatal("<fd 3>: a member without a name");
	free(words[0]);
	free(words[1]);
	fclose(f);
}

/* The manifest goes out, or the news that there is none; what is wanted comes
 * back. */
static void
exchange(struct unpack *unpack, const char *path, const char *text, size_t len)
{
	unpack->waiting = false;
	if (unpack->options->manifest) {
		json_t *line = text == NULL
				   ? json_pack("{s:n}", "manifest")
				   : json_pack("{s:s, s:s%}", "manifest", path,
					 "text", text, len);

		if (line == NULL)
			fatal("%s: %s: not UTF-8 text", unpack->options->name,
			    path);
		print_line(line);
		if (fflush(stdout) != 0)
			fatal_errno("<stdout>");
	}
	if (unpack->options->words)
		read_words(&unpack->members);
}

static bool
is_manifest(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash == NULL ? path : slash + 1, "images.json") == 0;
}

static void
take_manifest(struct unpack *unpack, const char *path)
{
	size_t len;
	char *text = reader_text(&unpack->reader, MANIFEST_MAX, &len);

	exchange(unpack, path, text, len);
	free(text);
}

/* Chooses where the bytes of a member go. A file that is wanted, or is large,
 * has one of its own, as long as that leaves descriptors for others; the rest
 * goes into one file without a name, and is copied out of it at the end. */
static struct content
choose_place(struct unpack *unpack, bool wanted, uint64_t size)
{
	bool own = (wanted || size >= LARGE) && unpack->own < OWN_FILES;
	struct content content = {.file = unpack->spool};

	if (!own && unpack->spool != NULL) {
		content.at = unpack->spool_end;
		return content;
	}
	content.file = new_files_open(unpack->files, unpack->dir, NULL, false);
	if (own)
		unpack->own++;
	else
		unpack->spool = content.file;
	return content;
}

/* Writes the content of a member. */
static void
extract(
    struct unpack *unpack, struct archive_entry *entry, struct member *member)
{
	struct content content = choose_place(
	    unpack, member->wanted, (uint64_t)archive_entry_size(entry));
	struct writer writer;
	char *what =
	    memory_format("%s: %s", unpack->options->name, member->path);

	writer_open(&writer, &content, unpack->options->max, what);
	reader_extract(&unpack->reader, entry, &writer);
	free(what);
	if (content.file == unpack->spool)
		unpack->spool_end =
		    (content.at + content.size + ALIGN - 1) / ALIGN * ALIGN;
	member->content = content;
	if (member->wanted && !member->hollow)
		unpack->members.missing--;
}

/* A file's data is kept when it is wanted, or might turn out to be: because the
 * manifest or a link names it later, and there is no going back. */
static bool
keeps(const struct unpack *unpack, bool wanted)
{
	if (unpack->waiting)
		return !unpack->reader.stream->seekable;
	return wanted || (unpack->members.missing > 0 && unpack->start < 0);
}

/* path passes to it. `first` is the first name of a hard link that carries the
 * bytes of both, or NULL. */
static void
take_file(struct unpack *unpack, struct archive_entry *entry, char *path,
    const struct member *first)
{
	const struct member *known = members_find(&unpack->members, path);
	bool wanted = (known != NULL && known->wanted) ||
		      (first != NULL && first->wanted);
	/* What is too large is no error before it is wanted. */
	bool large = !wanted && archive_entry_size(entry) > 0 &&
		     (uint64_t)archive_entry_size(entry) > unpack->options->max;
	bool keep = !large && keeps(unpack, wanted);
	bool hollow =
	    archive_entry_size(entry) == 0 && archive_entry_nlink(entry) > 1;
	bool manifest =
	    unpack->waiting && !hollow &&
	    (is_manifest(path) || (first != NULL && is_manifest(first->path)));

	if (manifest)
		take_manifest(unpack, path);
	if (manifest || (!keep && !large && !unpack->waiting)) {
		free(path);
		return;
	}
	struct member *member =
	    members_add(&unpack->members, path, MEMBER_FILE, NULL);
	if (member->kind != MEMBER_FILE || member->content.file != NULL)
		return;
	member->hollow = hollow;
	member->large = large;
	if (keep)
		extract(unpack, entry, member);
}

/* path and target pass to it. In a cpio archive, any one of a file's names
 * carries the bytes: when it is not the first, that one leads to it. */
static void
take_hard_link(struct unpack *unpack, struct archive_entry *entry, char *path,
    char *target)
{
	struct member *first = members_find(&unpack->members, target);

	/* The size of a symbolic link, with which this shares an inode, is that
	 * of its target. */
	if (archive_entry_size(entry) == 0 ||
	    archive_entry_filetype(entry) == AE_IFLNK) {
		members_add(&unpack->members, path, MEMBER_LINK, target);
		return;
	}
	free(target);
	if (first != NULL && first->kind == MEMBER_FILE && first->hollow) {
		first->kind = MEMBER_LINK;
		first->target = member_path(path);
	}
	take_file(unpack, entry, path, first);
}

static void
take(struct unpack *unpack, struct archive_entry *entry)
{
	struct members *members = &unpack->members;
	const char *name = archive_entry_pathname(entry);
	const char *hard = archive_entry_hardlink(entry);

	/* A name in no character set is one that nobody can ask for. */
	if (name == NULL)
		return;
	char *path = member_path(name);
	if (hard != NULL) {
		take_hard_link(unpack, entry, path, member_path(hard));
	} else if (archive_entry_filetype(entry) == AE_IFLNK) {
		const char *to = archive_entry_symlink(entry);

		members_add(members, path, MEMBER_LINK,
		    to == NULL ? NULL : member_path_link(path, to));
	} else if (reader_is_file(&unpack->reader, entry)) {
		take_file(unpack, entry, path, NULL);
	} else {
		members_add(members, path, MEMBER_OTHER, NULL);
	}
}

static void
pass(struct unpack *unpack)
{
	struct reader *reader = &unpack->reader;
	struct archive_entry *entry;

	unpack->members.pass++;
	reader_open(reader, unpack->fd, unpack->options->name, unpack->files,
	    unpack->dir);
	if (reader->fd != unpack->fd) {
		unpack->fd = reader->fd;
		unpack->start = 0;
	}
	while ((entry = reader_next(reader)) != NULL)
		take(unpack, entry);
	unpack->ignored = reader->ignored;
	reader_close(reader);
}

/* Writes the content of a member into a file of this path, and closes it: there
 * may be more of them than descriptors. */
static void
copy(struct unpack *unpack, const struct content *content, const char *path)
{
	struct new_file *file =
	    new_files_open(unpack->files, unpack->dir, path, false);
	struct extent_copy job = {
	    .in = content->file->whole.fd, .out = file->whole.fd};

	if (ftruncate(job.out, (off_t)content->size) < 0 ||
	    extent_copy(&job, (off_t)content->at, 0, content->size) < 0)
		fatal_errno(path);
	new_files_park(unpack->files, file);
}

/* Gives a file its name, when it holds this member alone; or makes a copy. */
static void
name_file(struct unpack *unpack, const struct wanted *wanted)
{
	const struct content *content = &wanted->found->content;
	char *path = memory_format("%s/%s", unpack->directory, wanted->name);

	if (content->file == unpack->spool || content->file->path != NULL)
		copy(unpack, content, path);
	else
		new_files_name(unpack->files, content->file, path);
	free(path);
}

void
unpack_archive(struct unpack *unpack)
{
	struct members *members = &unpack->members;

	unpack->start = lseek(unpack->fd, 0, SEEK_CUR);
	unpack->waiting = unpack->options->manifest;
	if (!unpack->waiting)
		exchange(unpack, NULL, NULL, 0);
	pass(unpack);
	if (unpack->waiting)
		exchange(unpack, "", NULL, 0);
	if (members_resolve(members, unpack->start < 0)) {
		if (lseek(unpack->fd, unpack->start, SEEK_SET) < 0)
			fatal_errno(unpack->options->name);
		pass(unpack);
		members_resolve(members, true);
	}
	/* The files that get no name go away. */
	for (size_t i = 0; i < members->wanted; i++)
		name_file(unpack, &members->list[i]);
	new_files_commit(unpack->files);
}

void
unpack_report(const struct unpack *unpack)
{
	const struct members *members = &unpack->members;

	for (size_t i = 0; i < members->wanted; i++) {
		const struct wanted *wanted = &members->list[i];
		const struct content *content = &wanted->found->content;

		print_line(
		    json_pack("{s:s, s:s, s:I, s:I}", "member", wanted->member,
			"name", wanted->name, "size", (json_int_t)content->size,
			"written", (json_int_t)content->written));
	}
}
