#include "source.h"

#include "file_state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int
refuse(const struct recipe *recipe, struct reason *why)
{
	if (S_ISDIR(recipe->st.st_mode)) {
		errno = EISDIR;
		return reason_errno(why, "%s", recipe->file);
	}
	return reason_set(why, "%s: not a file", recipe->file);
}

/* O_NONBLOCK: opening what is no file must not wait for anybody. */
static int
open_file(const char *name)
{
	return open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int
look(struct recipe *recipe, int fd, struct reason *why)
{
	if (fd < 0 || fstat(fd, &recipe->st) < 0)
		return reason_errno(why, "%s", recipe->file);
	if (!S_ISREG(recipe->st.st_mode) && !S_ISBLK(recipe->st.st_mode))
		return refuse(recipe, why);
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		return reason_errno(why, "%s", recipe->file);
	recipe->size = (uint64_t)size;
	recipe->is_file = true;
	return 0;
}

int
source_look(struct recipe *recipe, struct reason *why)
{
	/* A FIFO is opened by who reads it, once: its writer notices. */
	if (stat(recipe->file, &recipe->st) < 0)
		return reason_errno(why, "%s", recipe->file);
	if (S_ISFIFO(recipe->st.st_mode))
		return 0;
	int fd = open_file(recipe->file);
	int result = look(recipe, fd, why);
	if (fd >= 0)
		close(fd);
	return result;
}

static int
changed(const struct recipe *recipe, struct reason *why)
{
	/* The cache's entries are linked to, which changes their ctime, and are
	 * known by what is in them. */
	if (recipe->cached != NULL)
		return 0;
	return reason_set(why, "%s: changed while it was copied", recipe->file);
}

int
source_open(const struct recipe *recipe, struct reason *why)
{
	bool fifo = S_ISFIFO(recipe->st.st_mode);
	struct stat st;
	int fd = fifo ? open(recipe->file, O_RDONLY | O_NOCTTY | O_CLOEXEC)
		      : open_file(recipe->file);

	if (fd < 0 || fstat(fd, &st) < 0)
		reason_errno(why, "%s", recipe->file);
	else if (!S_ISREG(recipe->st.st_mode) ||
		 file_state_same(&st, &recipe->st) || changed(recipe, why) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int
source_check(const struct recipe *recipe, struct reason *why)
{
	struct stat st;

	if (recipe->file == NULL || !S_ISREG(recipe->st.st_mode))
		return 0;
	if (stat(recipe->file, &st) < 0)
		return reason_errno(why, "%s", recipe->file);
	return file_state_same(&st, &recipe->st) ? 0 : changed(recipe, why);
}
