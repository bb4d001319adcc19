#include "ports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TRIES = 5000,
	PAUSE_NS = 1000000,
};

static const char class_path[] = "/sys/class/virtio-ports";

/* Whether the port that sysfs calls `entry` has this name. */
static int
is_named(const char *entry, const char *name)
{
	char path[320], text[64] = "";

	snprintf(path, sizeof(path), "%s/%s/name", class_path, entry);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, name) == 0;
}

/* Returns -1 when it is not there (yet), -2 when there never will be one. */
static int
open_port(const char *name)
{
	DIR *dir = opendir(class_path);
	const struct dirent *entry;
	int fd = -1;

	if (dir == NULL)
		return -2;
	while (fd < 0 && (entry = readdir(dir)) != NULL) {
		char path[300];

		if (entry->d_name[0] == '.' || !is_named(entry->d_name, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}
	closedir(dir);
	return fd;
}

/* The host tells the driver of the ports one by one, after the device. */
static int
await_port(const char *name)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	for (int i = 0; i < TRIES; i++) {
		int fd = open_port(name);

		if (fd != -1)
			return fd;
		nanosleep(&pause, NULL);
	}
	return -1;
}

int
ports_open(struct ports *ports)
{
	static const char *const names[] = {
	    "emu.stdin", "emu.stdout", "emu.stderr", "emu.control"};
	int *const fds[] = {
	    &ports->in, &ports->out, &ports->err, &ports->control};

	*ports = (struct ports){-1, -1, -1, -1};
	for (int i = 0; i < 4; i++) {
		*fds[i] = await_port(names[i]);
		if (*fds[i] < 0)
			return -1;
	}
	return 0;
}

int
ports_tell(const struct ports *ports, const char *format, ...)
{
	struct pollfd poller = {.fd = ports->control, .events = POLLOUT};
	char text[1024];
	va_list list;

	va_start(list, format);
	int len = vsnprintf(text, sizeof(text) - 1, format, list);
	va_end(list);
	if (len < 0)
		return -1;
	size_t end =
	    (size_t)len < sizeof(text) - 2 ? (size_t)len : sizeof(text) - 2;
	text[end++] = '\n';
	for (size_t at = 0; at < end;) {
		ssize_t n = write(ports->control, text + at, end - at);

		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		else
			poll(&poller, 1, -1);
	}
	return 0;
}
