#include "source.h"

#include "../fatal.h"
#include "file_state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* O_NONBLOCK: opening what is no file must not wait for anybody. */
static int
open_file(const char *name)
{
	return open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
source_look(struct recipe *recipe)
{
	struct stat *st = &recipe->st;

	if (stat(recipe->file, st) < 0)
		fatal_errno(recipe->file);
	/* A FIFO is opened by who reads it, once: its writer notices. */
	if (S_ISFIFO(st->st_mode))
		return;
	int fd = open_file(recipe->file);
	if (fd < 0 || fstat(fd, st) < 0)
		fatal_errno(recipe->file);
	errno = EISDIR;
	if (S_ISDIR(st->st_mode))
		fatal_errno(recipe->file);
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		fatal("%s: not a file", recipe->file);
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		fatal_errno(recipe->file);
	recipe->size = (uint64_t)size;
	recipe->is_file = true;
	close(fd);
}

static void
check(const struct recipe *recipe, const struct stat *now)
{
	/* The cache's entries are linked to, which changes their ctime, and are
	 * known by what is in them. */
	if (S_ISREG(recipe->st.st_mode) && recipe->cached == NULL &&
	    !file_state_same(now, &recipe->st))
		fatal("%s: changed while it was copied", recipe->file);
}

int
source_open(const struct recipe *recipe)
{
	int fd = S_ISFIFO(recipe->st.st_mode)
		     ? open(recipe->file, O_RDONLY | O_NOCTTY | O_CLOEXEC)
		     : open_file(recipe->file);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		fatal_errno(recipe->file);
	check(recipe, &st);
	return fd;
}

void
source_check(const struct recipe *recipe)
{
	struct stat st;

	if (recipe->file == NULL || !S_ISREG(recipe->st.st_mode))
		return;
	if (stat(recipe->file, &st) < 0)
		fatal_errno(recipe->file);
	check(recipe, &st);
}
