#include "sweep.h"

#include "clock.h"
#include "input.h"
#include "local_socket.h"
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs at a time, for which /proc is looked through once: at first few, so that
 * also what has little time removes some, then twice as many each time. Each
 * has a descriptor open; some are left for other uses. */
enum { FIRST = 64, BATCH = 4096, OTHERS = 64 };

/* Looks at all processes, so many nanoseconds apart: at the first look they are
 * asked, from KILL_FROM on killed, after LOOKS given up. */
enum { APART = 10000000, KILL_FROM = 10, LOOKS = 200 };
enum { ENVIRONMENT = 8 << 20 };

/* Runs that are over, so that nothing of them lives but orphans. */
struct batch {
	const struct leased_dir *runs;
	size_t count;
};

/* Whether a variable of a process's environment is the mark of the run of that
 * name: "EMU_SCRATCH=/dir/name" or "EMU_SPAWN=/dir/name". */
static bool
is_mark_of(const char *variable, const char *name)
{
	const char *slash = strrchr(variable, '/');

	return strncmp(variable, "EMU_", 4) == 0 && slash != NULL &&
	       strcmp(slash + 1, name) == 0;
}

static bool
is_mark(const struct batch *batch, const char *variable)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (is_mark_of(variable, batch->runs[i].name))
			return true;
	}
	return false;
}

static bool
belongs(const struct batch *batch, const char *pid)
{
	struct reason why;
	char path[64], *text;
	size_t len;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%.32s/environ", pid);
	if (input_read(path, ENVIRONMENT, &text, &len, &why) < 0)
		return false;
	for (const char *p = text; p < text + len && !found; p += strlen(p) + 1)
		found = is_mark(batch, p);
	free(text);
	return found;
}

/* Returns whether it is one. The second question is about the process that fd
 * stands for: the first one may have ended, and its number been given away. */
static bool
end_one(const struct batch *batch, const char *pid, int look)
{
	if (!belongs(batch, pid))
		return false;
	int fd = pidfd_open((pid_t)strtol(pid, NULL, 10), 0);
	if (fd < 0)
		return false;
	bool found = belongs(batch, pid);
	if (found && look >= KILL_FROM) {
		pidfd_send_signal(fd, SIGKILL, NULL, 0);
	} else if (found && look == 0) {
		pidfd_send_signal(fd, SIGTERM, NULL, 0);
		pidfd_send_signal(fd, SIGCONT, NULL, 0);
	}
	close(fd);
	return found;
}

static bool
look_round(DIR *proc, const struct batch *batch, int look)
{
	const struct dirent *entry;
	struct stat st;
	bool found = false;

	rewinddir(proc);
	while ((entry = readdir(proc)) != NULL) {
		if (strtol(entry->d_name, NULL, 10) > 0 &&
		    fstatat(dirfd(proc), entry->d_name, &st, 0) == 0 &&
		    (st.st_uid == geteuid() || geteuid() == 0) &&
		    end_one(batch, entry->d_name, look))
			found = true;
	}
	return found;
}

/* Ends the processes of runs that were killed. A process is known by the mark
 * in its environment; one whose environment this user may not read is left.
 * Each is sent SIGTERM, and SIGKILL a tenth of a second later. */
static void
end_orphans(const struct leased_dir *runs, size_t count)
{
	const struct batch batch = {runs, count};
	DIR *proc = opendir("/proc");

	if (proc == NULL)
		return;
	for (int look = 0; look < LOOKS && look_round(proc, &batch, look);
	     look++)
		clock_sleep(APART);
	closedir(proc);
}

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
	end_orphans(dir, 1);
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
		if (is_mark_of(*variable, name))
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
		end_orphans(runs, count);
	for (size_t i = 0; i < count; i++) {
		remove_run(&runs[i], &why);
		runs[i].parent = -1;
		leased_dir_close(&runs[i]);
	}
	return count;
}

/* Whether anybody may rename there: then a directory with the name of a run may
 * be another one of the caller's. */
static bool
is_open_to_all(int parent)
{
	struct stat st;

	return fstat(parent, &st) < 0 ||
	       (st.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH;
}

static void
sweep(const struct leased_dir *dir)
{
	if (is_open_to_all(dir->parent))
		return;
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
