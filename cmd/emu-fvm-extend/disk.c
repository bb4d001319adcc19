#include "disk.h"

#include "../fatal.h"
#include "../memory.h"
#include "file_io.h"
#include "path.h"
#include "private_dir.h"
#include "sandbox.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *
absolute(const char *directory, const char *path)
{
	char *joined = path_absolute(directory, path);

	if (joined == NULL)
		fatal_errno(path);
	return joined;
}

static void
open_directory(struct disk *d, const char *directory)
{
	struct reason why;
	char *full;

	if (directory == NULL || directory[0] == '\0')
		return;
	d->directory = private_dir_open(directory, &full, &why);
	fatal_if(d->directory < 0, &why);
	d->path = absolute(full, d->image->id);
	free(full);
}

/* Whether the image's path names an entry of the directory itself. */
static bool
inside(const struct disk *d)
{
	char *parent = path_directory(d->name);
	struct stat a, b;
	bool same = parent != NULL && d->directory >= 0 &&
		    stat(parent, &a) == 0 && fstat(d->directory, &b) == 0 &&
		    a.st_dev == b.st_dev && a.st_ino == b.st_ino;

	free(parent);
	return same;
}

void
disk_open_file(struct disk *d)
{
	d->fd = open(d->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &d->st) < 0)
		fatal_errno(d->name);
	if (!S_ISREG(d->st.st_mode))
		fatal("%s: not a regular file", d->name);
}

static void
open_image(struct disk *d)
{
	if (d->image->staged && inside(d)) {
		d->fd = open(d->name,
		    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		d->own = d->fd >= 0 && fstat(d->fd, &d->st) == 0 &&
			 S_ISREG(d->st.st_mode) && d->st.st_nlink == 1;
		if (d->own) {
			/* It keeps its path. */
			free(d->path);
			d->path = absolute(NULL, d->name);
			return;
		}
		if (d->fd >= 0)
			close(d->fd);
	}
	disk_open_file(d);
}

static void
discard(void *context)
{
	struct disk *d = context;
	char rest[NAME_MAX + 1];

	whole_file_close(&d->copy);
	if (!d->made)
		return;
	unlinkat(d->directory, d->base, 0);
	snprintf(rest, sizeof(rest), "%s.tmp", d->base);
	unlinkat(d->directory, rest, 0);
}

void
disk_guard(struct disk *d)
{
	fatal_undo(discard, d);
}

void
disk_open(struct disk *d, const struct image *image, const char *directory)
{
	*d = (struct disk){.name = image->path,
	    .image = image,
	    .directory = -1,
	    .base = memory_got(strdup(image->id)),
	    .copy = {.fd = -1}};
	open_directory(d, directory);
	open_image(d);
	disk_guard(d);
}

void
disk_begin(struct disk *d)
{
	if (d->copy.fd >= 0)
		return;
	if (d->directory < 0)
		fatal("%s: no directory for a private copy: give -d, or run "
		      "under emu-scratch",
		    d->name);
	if (whole_file_open(&d->copy, d->directory, d->base, 0600) < 0)
		fatal_errno(d->path);
}

void
disk_confine(const struct disk *d)
{
	const struct sandbox sandbox = {
	    .directory = d->copy.fd >= 0 ? d->directory : -1,
	    .rights = SANDBOX_CREATE | SANDBOX_REMOVE,
	    .calls = {SYS_fchown, SYS_fchmod, SYS_flistxattr, SYS_fgetxattr,
		SYS_fsetxattr, SYS_fsync},
	    .request = FICLONERANGE,
	};
	struct reason why;

	fatal_if(sandbox_enter(&sandbox, &why) < 0, &why);
}

void
disk_check_unchanged(const struct disk *d)
{
	struct stat now;

	if (fstat(d->fd, &now) < 0)
		fatal_errno(d->name);
	if (!file_state_same(&now, &d->st))
		fatal("%s: changed while it was copied", d->name);
}

/* Whether the copy's name is taken by the very file that was copied, which an
 * earlier filter made but shares with others. */
static bool
takes_its_place(const struct disk *d)
{
	struct stat st;

	if (!d->image->staged || !inside(d))
		return false;
	const char *slash = strrchr(d->name, '/');
	return slash != NULL && strcmp(slash + 1, d->base) == 0 &&
	       fstatat(d->directory, d->base, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void
disk_finish(struct disk *d)
{
	disk_check_unchanged(d);
	bool replace = takes_its_place(d);
	if ((replace ? whole_file_replace(&d->copy)
		     : whole_file_create(&d->copy, d->base)) < 0)
		fatal_errno(d->path);
	d->made = !replace;
}

void
disk_record(const struct disk *d, uint64_t size)
{
	json_t *entry = d->image->entry;

	if (json_object_set_new(entry, "path", json_string(d->path)) < 0)
		fatal("%s: not UTF-8", d->path);
	json_object_del(entry, "sha256");
	if (json_object_set_new(entry, "size", json_integer((json_int_t)size)) <
		0 ||
	    json_object_set_new(entry, "staged", json_true()) < 0)
		fatal_memory();
}

void
disk_close(struct disk *d)
{
	if (d->base == NULL)
		return;
	fatal_undo(NULL, NULL);
	whole_file_close(&d->copy);
	close(d->fd);
	if (d->directory >= 0)
		close(d->directory);
	free(d->path);
	free(d->base);
}
