#include "orphans.h"

#include "clock.h"
#include "input.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Looks at all processes, so many nanoseconds apart: at the first look they are
 * asked, from KILL_FROM on killed, after LOOKS given up. */
enum { APART = 10000000, KILL_FROM = 10, LOOKS = 200 };
enum { ENVIRONMENT = 8 << 20 };

/* Runs whose leases we have, so that nothing of them lives but orphans. */
struct batch {
	const struct leased_dir *runs;
	size_t count;
};

static bool
is_one_of(const struct batch *batch, const char *path)
{
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; slash != NULL && i < batch->count; i++) {
		if (strcmp(slash + 1, batch->runs[i].name) == 0)
			return true;
	}
	return false;
}

static bool
is_mark(const struct batch *batch, const char *entry)
{
	static const char *const variables[] = {
	    ORPHANS_SCRATCH "=", ORPHANS_SPAWN "="};

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		size_t len = strlen(variables[i]);

		if (strncmp(entry, variables[i], len) == 0 &&
		    is_one_of(batch, entry + len))
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
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)strtol(pid, NULL, 10), 0);
	if (fd < 0)
		return false;
	bool found = belongs(batch, pid);
	if (found && look >= KILL_FROM) {
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	} else if (found && look == 0) {
		syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
		syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0);
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

void
orphans_end(const struct leased_dir *runs, size_t count)
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
