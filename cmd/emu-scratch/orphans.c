#include "orphans.h"

#include "input.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Looks at all processes, this many milliseconds apart: at the first look they
 * are asked, from KILL_FROM on killed, after LOOKS given up. */
enum { APART = 10, KILL_FROM = 10, LOOKS = 200, ENVIRONMENT = 8 << 20 };

static bool
names(const char *entry, const char *name)
{
	static const char variable[] = "EMU_SCRATCH=";

	if (strncmp(entry, variable, sizeof(variable) - 1) != 0)
		return false;
	const char *slash = strrchr(entry, '/');
	return slash != NULL && strcmp(slash + 1, name) == 0;
}

static bool
runs_in(const char *pid, const char *name)
{
	struct reason why = {""};
	char path[64], *text;
	size_t len;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%.32s/environ", pid);
	if (input_read(path, ENVIRONMENT, &text, &len, &why) < 0)
		return false;
	for (const char *p = text; p < text + len && !found; p += strlen(p) + 1)
		found = names(p, name);
	free(text);
	return found;
}

/* A descriptor of the process comes first, so that no other one is hit when it
 * ends and its number is given away meanwhile. Returns whether it is one. */
static bool
end_one(const char *pid, const char *name, int look)
{
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)strtol(pid, NULL, 10), 0);

	if (fd < 0)
		return false;
	bool found = runs_in(pid, name);
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
look_round(DIR *proc, const char *name, int look)
{
	const struct dirent *entry;
	bool found = false;

	rewinddir(proc);
	while ((entry = readdir(proc)) != NULL) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    end_one(entry->d_name, name, look))
			found = true;
	}
	return found;
}

void
orphans_end(const char *name)
{
	const struct timespec apart = {.tv_nsec = (long)APART * 1000000};
	DIR *proc = opendir("/proc");

	if (proc == NULL)
		return;
	for (int look = 0; look < LOOKS && look_round(proc, name, look); look++)
		nanosleep(&apart, NULL);
	closedir(proc);
}
