#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int
refuse(const struct job *job, struct reason *why)
{
	if (S_ISDIR(job->st.st_mode)) {
		errno = EISDIR;
		return reason_errno(why, "%s", job->source);
	}
	return reason_set(why, "%s: not a file", job->source);
}

int
source_open(struct job *job, struct reason *why)
{
	/* A FIFO is opened by who reads it, once: its writer notices. */
	if (stat(job->source, &job->st) < 0)
		return reason_errno(why, "%s", job->source);
	if (S_ISFIFO(job->st.st_mode))
		return 0;
	/* O_NONBLOCK: opening what is no file must not wait for anybody. */
	job->in =
	    open(job->source, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (job->in < 0 || fstat(job->in, &job->st) < 0)
		return reason_errno(why, "%s", job->source);
	if (!S_ISREG(job->st.st_mode) && !S_ISBLK(job->st.st_mode))
		return refuse(job, why);
	off_t size = lseek(job->in, 0, SEEK_END);
	if (size < 0 || lseek(job->in, 0, SEEK_SET) < 0)
		return reason_errno(why, "%s", job->source);
	job->size = (uint64_t)size;
	job->is_file = true;
	return 0;
}

int
source_check(const struct job *job, struct reason *why)
{
	struct stat st;

	if (fstat(job->in, &st) < 0)
		return reason_errno(why, "%s", job->source);
	if (!S_ISREG(st.st_mode) ||
	    (st.st_size == job->st.st_size &&
		st.st_mtim.tv_sec == job->st.st_mtim.tv_sec &&
		st.st_mtim.tv_nsec == job->st.st_mtim.tv_nsec))
		return 0;
	return reason_set(why, "%s: changed while it was copied", job->source);
}
