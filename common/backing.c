#include "backing.h"

#include "file_io.h"
#include "magic.h"
#include "path.h"
#include "qcow2.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NAME_MOST = 1023,     /* bytes, of a backing file's name */
	DESCRIPTION_AT = 512, /* of a vmdk, where QEMU looks for it */
	DESCRIPTION = 20 * 512,
};

#define ONE_FILE "make it one file (qemu-img convert -O qcow2)"

static const uint32_t format_extension = 0xe2792aca;

/* An image of the chain, and the next one as it is written there. */
struct link {
	const char *path, *name; /* messages call it name */
	int fd;
	const char *format;       /* NULL: what its content says */
	char next[NAME_MOST + 1]; /* "": none */
	char next_format[16];     /* "": not said */
};

static int
read_head(struct link *link, uint8_t *head, size_t *len, struct reason *why)
{
	struct stat st;

	link->fd =
	    open(link->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (link->fd < 0 || fstat(link->fd, &st) < 0)
		return reason_errno(why, "%s", link->name);
	ssize_t n = file_start(link->fd, head, MAGIC_BYTES);
	if (n < 0)
		return reason_errno(why, "%s", link->name);
	*len = (size_t)n;
	return 0;
}

/* The format of the next image is in an extension of the header: {type, length,
 * data padded to 8 bytes}, numbers big-endian. */
static void
read_next_format(
    struct link *link, const uint8_t *head, size_t len, uint64_t at)
{
	uint32_t word[2];

	while (at + sizeof(word) <= len) {
		memcpy(word, head + at, sizeof(word));
		uint32_t type = be32toh(word[0]), size = be32toh(word[1]);

		at += sizeof(word);
		if (type == 0 || size > len - at)
			return;
		if (type == format_extension &&
		    size < sizeof(link->next_format)) {
			memcpy(link->next_format, head + at, size);
			link->next_format[size] = '\0';
		}
		at += ((uint64_t)size + 7) & ~7ULL;
	}
}

static int
look_qcow2(
    struct link *link, const uint8_t *head, size_t len, struct reason *why)
{
	struct qcow2_header header;

	if (!qcow2_header_read(head, len, &header))
		return reason_set(why, "%s: not a qcow2 image", link->name);
	if (header.incompatible & QCOW2_DATA_FILE)
		return reason_set(why,
		    "%s: a qcow2 disk whose data is in another file, which is "
		    "not followed: " ONE_FILE,
		    link->name);
	if (header.backing == 0)
		return 0;
	if (header.backing_len == 0 || header.backing_len > NAME_MOST ||
	    file_read(
		link->fd, link->next, header.backing_len, header.backing) < 0)
		return reason_set(why,
		    "%s: a damaged qcow2 disk: its backing file has no name",
		    link->name);
	read_next_format(link, head, len, header.length);
	return 0;
}

/* With a capacity of 0 in its header, or as a text, a vmdk names the files that
 * have its data; a parent is named in its description. */
static bool
is_whole_vmdk(const uint8_t *head, size_t len)
{
	static const char parent[] = "parentFileNameHint";
	uint64_t capacity = 0;
	size_t end = DESCRIPTION_AT + DESCRIPTION;

	if (len >= 20 && memcmp(head, "KDMV", 4) == 0)
		memcpy(&capacity, head + 12, sizeof(capacity));
	else if (len >= 20 && memcmp(head, "COWD", 4) == 0)
		capacity = 1;
	if (end > len)
		end = len;
	return capacity != 0 &&
	       (end <= DESCRIPTION_AT ||
		   memmem(head + DESCRIPTION_AT, end - DESCRIPTION_AT, parent,
		       strlen(parent)) == NULL);
}

/* QEMU follows no other format to another file. */
static int
look(struct link *link, struct reason *why)
{
	uint8_t head[MAGIC_BYTES];
	size_t len = 0;

	if (read_head(link, head, &len, why) < 0)
		return -1;
	const struct magic *magic = magic_find(head, len);
	if (link->format == NULL)
		link->format = magic != NULL && magic->class == MAGIC_DISK
				   ? magic->format
				   : "raw";
	if (strcmp(link->format, "qcow2") == 0)
		return look_qcow2(link, head, len, why);
	if (strcmp(link->format, "vmdk") == 0 && !is_whole_vmdk(head, len))
		return reason_set(why,
		    "%s: a vmdk disk whose data is in other files, which are "
		    "not followed: " ONE_FILE,
		    link->name);
	/* Bit 0 of the features: a backing file (QEMU,
	 * docs/interop/qed_spec). */
	if (strcmp(link->format, "qed") == 0 && (len < 64 || (head[16] & 1)))
		return reason_set(why,
		    "%s: a QED disk whose backing file is not followed: " ONE_FILE,
		    link->name);
	return 0;
}

/* Where the image is. The path of one without a name yet is a link of
 * /proc/self/fd, whose text still names the directory. NULL with errno. */
static char *
real_path(const char *path)
{
	char *real = realpath(path, NULL);
	char text[PATH_MAX];

	if (real != NULL || errno != ENOENT)
		return real;
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	return n < 0 ? NULL : strndup(text, (size_t)n);
}

/* The file that the name in the image means to QEMU: relative to the image
 * itself. Owned by the caller; NULL with the reason. */
static char *
resolve(const struct link *link, struct reason *why)
{
	const char *name = link->next;
	char *real = NULL, *directory = NULL, *path = NULL;
	size_t word = strcspn(name, ":/");

	if (name[word] == ':') {
		reason_set(why,
		    "%s: its backing file %s is not a plain file, and is not "
		    "followed",
		    link->name, name);
		return NULL;
	}
	real = real_path(link->path);
	if (real != NULL)
		directory = path_directory(real);
	if (directory != NULL)
		path = path_absolute(directory, name);
	if (path == NULL)
		reason_errno(why, "%s", link->name);
	free(real);
	free(directory);
	return path;
}

/* Which of the named files the path is. Returns its index, or -1 with the
 * reason. */
static int
find(const struct link *link, const char *path, const char *const *named,
    size_t count, struct reason *why)
{
	struct stat want, st;
	bool there = stat(path, &want) == 0;

	for (size_t i = 0; there && i < count; i++) {
		if (stat(named[i], &st) == 0 && st.st_dev == want.st_dev &&
		    st.st_ino == want.st_ino)
			return (int)i;
	}
	return reason_set(why,
	    "%s: its backing file %s was not named: name it too, as an "
	    "operand or as \"backing\": \"%s\"",
	    link->name, link->next, path);
}

int
backing_check(const char *path, const char *name, const char *format,
    const char *const *named, size_t count, bool *used, struct reason *why)
{
	struct link link = {
	    .path = path, .name = name, .format = format, .fd = -1};
	int found = look(&link, why);

	if (link.fd >= 0)
		close(link.fd);
	if (found < 0 || link.next[0] == '\0')
		return found;
	char *next = resolve(&link, why);
	found = next == NULL ? -1 : find(&link, next, named, count, why);
	free(next);
	if (found < 0)
		return -1;
	if (used[found])
		return reason_set(
		    why, "%s: is its own backing file", link.name);
	used[found] = true;
	return backing_check(named[found], named[found],
	    link.next_format[0] == '\0' ? NULL : link.next_format, named, count,
	    used, why);
}
