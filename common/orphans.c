#include "orphans.h"

#include "clock.h"
#include "input.h"
#include "system_calls.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Looks at all processes, so many nanoseconds apart: at the first look they are
 * asked, from KILL_FROM on killed, after LOOKS given up. */
enum { APART = 10000000, KILL_FROM = 10, LOOKS = 200 };
enum { ENVIRONMENT = 8 << 20 };

/* Runs that are over, so that nothing of them lives but orphans. */
struct batch {
	const struct leased_dir *runs;
	size_t count;
};

bool
orphans_mark(const char *variable, const char *name)
{
	const char *slash = strrchr(variable, '/');

	return strncmp(variable, "EMU_", 4) == 0 && slash != NULL &&
	       strcmp(slash + 1, name) == 0;
}

static bool
is_mark(const struct batch *batch, const char *variable)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (orphans_mark(variable, batch->runs[i].name))
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
