#include "disk.h"

#include "file_state.h"
#include "path.h"
#include "private_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
open_directory(struct disk *d, const char *directory, struct reason *why)
{
	char *absolute = NULL;

	if (directory == NULL || directory[0] == '\0')
		return 0;
	d->directory = private_dir_open(directory, &absolute, why);
	if (d->directory < 0)
		return -1;
	d->path = path_absolute(absolute, d->image->id);
	free(absolute);
	return d->path == NULL ? reason_errno(why, "%s", directory) : 0;
}

/* Whether the image's path names an entry of the directory itself. */
static bool
inside(const struct disk *d)
{
	char *parent = path_directory(d->source);
	struct stat a, b;
	bool same = parent != NULL && d->directory >= 0 &&
		    stat(parent, &a) == 0 && fstat(d->directory, &b) == 0 &&
		    a.st_dev == b.st_dev && a.st_ino == b.st_ino;

	free(parent);
	return same;
}

/* Our own copy keeps its path. */
static int
own_path(struct disk *d, struct reason *why)
{
	free(d->path);
	d->path = path_absolute(NULL, d->source);
	return d->path == NULL ? reason_errno(why, "%s", d->source) : 0;
}

static int
open_image(struct disk *d, struct reason *why)
{
	const char *path = d->source;
	const int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	if (d->image->staged && inside(d)) {
		d->fd = open(path, O_RDWR | O_NOFOLLOW | flags);
		d->own = d->fd >= 0 && fstat(d->fd, &d->st) == 0 &&
			 S_ISREG(d->st.st_mode) && d->st.st_nlink == 1;
		if (d->own)
			return own_path(d, why);
		if (d->fd >= 0)
			close(d->fd);
	}
	d->fd = open(path, O_RDONLY | flags);
	if (d->fd < 0 || fstat(d->fd, &d->st) < 0)
		return reason_errno(why, "%s", path);
	if (!S_ISREG(d->st.st_mode))
		return reason_set(why, "%s: not a regular file", path);
	return 0;
}

int
disk_open(struct disk *d, const struct image *image, const char *directory,
    struct reason *why)
{
	*d = (struct disk){
	    .image = image, .fd = -1, .directory = -1, .copy = {.fd = -1}};
	/* The entry's own path is going to be replaced. */
	d->source = strdup(image->path);
	if (d->source == NULL)
		return reason_memory(why);
	if (open_directory(d, directory, why) < 0)
		return -1;
	return open_image(d, why);
}

int
disk_begin(struct disk *d, struct reason *why)
{
	if (d->copy.fd >= 0)
		return 0;
	if (d->directory < 0)
		return reason_set(why,
		    "%s: no directory for a private copy: give -d, or run "
		    "under emu-scratch",
		    d->source);
	if (whole_file_open(&d->copy, d->directory, d->image->id, 0600) < 0)
		return reason_errno(why, "%s", d->path);
	return 0;
}

/* Whether the copy's name is taken by the very file that was copied, which an
 * earlier filter made but shares with others. */
static bool
takes_its_place(const struct disk *d)
{
	struct stat st;

	if (!d->image->staged || !inside(d))
		return false;
	const char *slash = strrchr(d->source, '/');
	return slash != NULL && strcmp(slash + 1, d->image->id) == 0 &&
	       fstatat(d->directory, d->image->id, &st, AT_SYMLINK_NOFOLLOW) ==
		   0;
}

int
disk_finish(struct disk *d, struct reason *why)
{
	struct stat now;

	if (fstat(d->fd, &now) < 0)
		return reason_errno(why, "%s", d->source);
	if (!file_state_same(&now, &d->st))
		return reason_set(
		    why, "%s: changed while it was copied", d->source);
	if (takes_its_place(d)) {
		if (whole_file_replace(&d->copy) < 0)
			return reason_errno(why, "%s", d->path);
		return 0;
	}
	if (whole_file_create(&d->copy, d->image->id) < 0)
		return reason_errno(why, "%s", d->path);
	d->made = true;
	return 0;
}

void
disk_discard(const struct disk *d)
{
	char rest[NAME_MAX + 1];

	if (!d->made)
		return;
	unlinkat(d->directory, d->image->id, 0);
	snprintf(rest, sizeof(rest), "%s.tmp", d->image->id);
	unlinkat(d->directory, rest, 0);
}

int
disk_record(const struct disk *d, uint64_t size, struct reason *why)
{
	json_t *entry = d->image->entry;

	if (json_object_set_new(entry, "path", json_string(d->path)) < 0)
		return reason_set(why, "%s: not UTF-8", d->path);
	json_object_del(entry, "sha256");
	if (json_object_set_new(entry, "size", json_integer((json_int_t)size)) <
		0 ||
	    json_object_set_new(entry, "staged", json_true()) < 0)
		return reason_memory(why);
	return 0;
}

void
disk_close(struct disk *d)
{
	if (d->image == NULL)
		return;
	whole_file_close(&d->copy);
	if (d->fd >= 0)
		close(d->fd);
	if (d->directory >= 0)
		close(d->directory);
	free(d->path);
	free(d->source);
}
