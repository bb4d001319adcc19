#include "sweep.h"

#include "clock.h"
#include "local_socket.h"
#include "orphans.h"
#include "path.h"
#include "system_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs at a time, for which /proc is looked through once: at first few, so that
 * also what has little time removes some, then twice as many each time. Each
 * has a descriptor open; some are left for other uses. */
enum { FIRST = 64, BATCH = 4096, OTHERS = 64 };
/* How long the end of a run may wait, in nanoseconds. */
enum { PATIENCE = 100000000 };

/* Returns how many runs can be open at once. */
static size_t
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_cur > BATCH + OTHERS)
		limit.rlim_cur = BATCH + OTHERS;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur > OTHERS ? (size_t)limit.rlim_cur - OTHERS : 1;
}

/* The name of a note. */
struct note {
	char name[16];
};

static struct note
note(unsigned number)
{
	struct note note;

	snprintf(note.name, sizeof(note.name), "socket%u", number);
	return note;
}

int
sweep_note_socket(const struct leased_dir *dir, const char *path)
{
	char *absolute = path_absolute(NULL, path);
	int result = -1;

	if (absolute == NULL)
		return -1;
	for (unsigned i = 0; result < 0 && (i == 0 || errno == EEXIST); i++)
		result = symlinkat(absolute, dir->lease, note(i).name);
	free(absolute);
	return result;
}

static void
remove_sockets(const struct leased_dir *dir)
{
	char path[PATH_MAX];
	ssize_t len;

	if (strncmp(dir->name, "emu-spawn-", 10) != 0)
		return;
	for (unsigned i = 0; (len = readlinkat(dir->lease, note(i).name, path,
				  sizeof(path))) > 0 &&
			     len < (ssize_t)sizeof(path);
	     i++) {
		path[len] = '\0';
		local_socket_remove_dead(path);
	}
}

static int
remove_run(struct leased_dir *dir, struct reason *why)
{
	remove_sockets(dir);
	return leased_dir_remove(dir, why);
}

int
sweep_run(struct leased_dir *dir, struct reason *why)
{
	orphans_end(dir, 1);
	if (dir->lease < 0 && leased_dir_take(dir) < 0) {
		if (errno == ENOENT || errno == EWOULDBLOCK)
			return 0;
		return reason_errno(why, "%s", dir->path);
	}
	return remove_run(dir, why);
}

/* Whether we run inside that directory ourselves. */
static bool
is_around(const char *name)
{
	for (char **variable = environ; *variable != NULL; variable++) {
		if (orphans_mark(*variable, name))
			return true;
	}
	return false;
}

/* Stores the run that left `name` beside `dir`, with its lease; its parent is
 * borrowed. Returns whether there is such a run. */
static bool
take(const struct leased_dir *dir, const char *name, struct leased_dir *left)
{
	*left = (struct leased_dir){.parent = dir->parent, .lease = -1};
	if (!leased_dir_sweepable(dir, name) || strcmp(name, dir->name) == 0 ||
	    is_around(name) ||
	    asprintf(&left->path, "%.*s%s", (int)(dir->name - dir->path),
		dir->path, name) < 0)
		return false;
	left->name = strrchr(left->path, '/') + 1;
	if (leased_dir_take(left) == 0)
		return true;
	free(left->path);
	return false;
}

/* Returns how many there were. */
static size_t
sweep_some(const struct leased_dir *dir, DIR *entries, size_t most)
{
	struct leased_dir runs[BATCH];
	size_t count = 0;
	const struct dirent *entry;
	struct reason why;

	while (count < most && (entry = readdir(entries)) != NULL)
		count += take(dir, entry->d_name, &runs[count]);
	if (count > 0)
		orphans_end(runs, count);
	for (size_t i = 0; i < count; i++) {
		remove_run(&runs[i], &why);
		runs[i].parent = -1;
		leased_dir_close(&runs[i]);
	}
	return count;
}

static void
sweep(const struct leased_dir *dir)
{
	int fd = openat(dir->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (entries == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	size_t limit = raise_limit(), most = limit < FIRST ? limit : FIRST;
	while (sweep_some(dir, entries, most) == most)
		most = 2 * most < limit ? 2 * most : limit;
	closedir(entries);
}

pid_t
sweep_start(struct leased_dir *const dirs[], size_t count)
{
	pid_t caller = getpid(), sweeper = fork();
	sigset_t none;

	if (sweeper != 0)
		return sweeper;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != caller)
		_exit(0);
	for (size_t i = 0; i < count; i++)
		if (dirs[i]->path != NULL)
			sweep(dirs[i]);
	_exit(0);
}

void
sweep_end(pid_t sweeper, bool hurry)
{
	struct pollfd ended = {.fd = -1, .events = POLLIN};

	if (sweeper <= 0)
		return;
	if (!hurry)
		ended.fd = pidfd_open(sweeper, 0);
	if (ended.fd >= 0) {
		clock_poll(&ended, 1, clock_now() + PATIENCE);
		close(ended.fd);
	}
	kill(sweeper, SIGKILL);
	waitpid(sweeper, NULL, 0);
}
