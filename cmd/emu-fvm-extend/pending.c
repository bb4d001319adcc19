#include "pending.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int
pending_open(struct pending *p, int directory, const char *temporary)
{
	*p = (struct pending){.directory = directory, .fd = -1};
	snprintf(p->temporary, sizeof(p->temporary), "%s", temporary);
	if (unlinkat(directory, temporary, 0) < 0 && errno != ENOENT)
		return -1;
	p->fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	/* Without /proc the file could not be given a name later. */
	if (p->fd >= 0 && access("/proc/self/fd", X_OK) == 0)
		return 0;
	if (p->fd >= 0)
		close(p->fd);
	else if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
		return -1;
	p->fd = openat(directory, temporary,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	p->named = p->fd >= 0;
	return p->named ? 0 : -1;
}

/* Gives the unnamed file a name. */
static int
link_unnamed(const struct pending *p, const char *name)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", p->fd);
	return linkat(AT_FDCWD, self, p->directory, name, AT_SYMLINK_FOLLOW);
}

int
pending_create(struct pending *p, const char *name)
{
	if (!p->named)
		return link_unnamed(p, name);
	if (linkat(p->directory, p->temporary, p->directory, name, 0) < 0)
		return -1;
	p->named = false;
	return unlinkat(p->directory, p->temporary, 0);
}

int
pending_replace(struct pending *p, const char *name)
{
	sigset_t all, before;
	int result = 0;

	/* No signal shall leave the temporary name behind. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (!p->named)
		result = link_unnamed(p, p->temporary);
	if (result == 0) {
		result =
		    renameat(p->directory, p->temporary, p->directory, name);
		p->named = result < 0;
	}
	int error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return result;
}

void
pending_close(struct pending *p)
{
	if (p->named)
		unlinkat(p->directory, p->temporary, 0);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}
