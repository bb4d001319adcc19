#include "holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 64 };

/* What is held. */
struct thing {
	char link[NAME]; /* what /proc/PID/fd/N points at */
	char tap[NAME];  /* the interface, for /dev/net/tun; "" is any */
};

/* Reads a small file of /proc. Returns whether there was something. */
static bool
read_small(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Whether descriptor fd of the process is a tap of that name. */
static bool
is_tap(const char *pid, const char *fd, const char *tap)
{
	char path[NAME], text[512], name[NAME];

	snprintf(path, sizeof(path), "/proc/%.20s/fdinfo/%.20s", pid, fd);
	if (!read_small(path, text, sizeof(text)))
		return false;
	const char *line = strstr(text, "iff:");
	return line != NULL && sscanf(line, "iff: %63s", name) == 1 &&
	       (tap[0] == '\0' || strcmp(name, tap) == 0);
}

static bool
holds(const char *pid, const struct thing *thing)
{
	char path[NAME], target[NAME];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	DIR *fds = opendir(path);
	if (fds == NULL)
		return false;
	for (struct dirent *e; !found && (e = readdir(fds)) != NULL;) {
		ssize_t n = readlinkat(
		    dirfd(fds), e->d_name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		found = strcmp(target, thing->link) == 0 &&
			(thing->link[0] != '/' ||
			    is_tap(pid, e->d_name, thing->tap));
	}
	closedir(fds);
	return found;
}

/* Appends " is held by PID (COMMAND)" for the first holder found. */
static void
tell(const struct thing *thing, char *text, size_t size)
{
	char path[NAME], command[NAME];
	size_t len = strlen(text);
	DIR *processes = opendir("/proc");

	if (processes == NULL)
		return;
	for (struct dirent *e; (e = readdir(processes)) != NULL;) {
		if (strspn(e->d_name, "0123456789") != strlen(e->d_name) ||
		    !holds(e->d_name, thing))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/comm", e->d_name);
		read_small(path, command, sizeof(command));
		command[strcspn(command, "\n")] = '\0';
		snprintf(text + len, size - len, " is held by %s (%s)",
		    e->d_name, command);
		break;
	}
	closedir(processes);
}

/* The inode of a socket bound to the port, from a table of /proc/net; 0 when
 * there is none. Connected ones have another state than the wanted. */
static unsigned long
socket_inode(const char *table, unsigned port, unsigned wanted)
{
	char line[512];
	unsigned long inode = 0;
	FILE *f = fopen(table, "re");

	while (
	    f != NULL && inode == 0 && fgets(line, sizeof(line), f) != NULL) {
		unsigned local, state;
		unsigned long found;

		if (sscanf(line,
			" %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x"
			" %*s %*s %*s %*s %*s %lu",
			&local, &state, &found) == 3 &&
		    local == port && state == wanted)
			inode = found;
	}
	if (f != NULL)
		fclose(f);
	return inode;
}

static void
explain_port(unsigned port, bool udp, char *text, size_t size)
{
	static const char *const tables[2][2] = {
	    {"/proc/net/tcp", "/proc/net/tcp6"},
	    {"/proc/net/udp", "/proc/net/udp6"},
	};
	enum { LISTEN = 0x0a, UNCONNECTED = 0x07 };
	struct thing thing = {.tap = ""};
	unsigned long inode = 0;

	for (int i = 0; i < 2 && inode == 0; i++)
		inode = socket_inode(
		    tables[udp][i], port, udp ? UNCONNECTED : LISTEN);
	if (inode == 0)
		return;
	snprintf(text, size, "%s port %u", udp ? "udp" : "tcp", port);
	snprintf(thing.link, sizeof(thing.link), "socket:[%lu]", inode);
	tell(&thing, text, size);
}

/* In a rule tcp:ADDRESS:PORT-ADDRESS:PORT the first port is the host's. */
static void
explain_rule(const char *rule, char *text, size_t size)
{
	const char *end = strchr(rule, '-');
	const char *colon = end;

	while (colon != NULL && colon > rule && *colon != ':')
		colon--;
	if (colon == NULL || *colon != ':')
		return;
	unsigned long port = strtoul(colon + 1, NULL, 10);
	if (port > 0 && port < 65536)
		explain_port(
		    (unsigned)port, strncmp(rule, "udp", 3) == 0, text, size);
}

void
holder_explain(const char *errors, char *text, size_t size)
{
	static const char tun[] = "/dev/net/tun";
	static const char forward[] = "host forwarding rule '";
	struct thing thing = {.tap = ""};
	const char *p = strstr(errors, forward);

	text[0] = '\0';
	if (p != NULL) {
		explain_rule(p + sizeof(forward) - 1, text, size);
		return;
	}
	p = strstr(errors, tun);
	if (p == NULL || strcasestr(p, "device or resource busy") == NULL)
		return;
	if (sscanf(p, "/dev/net/tun (%63[^)])", thing.tap) != 1)
		thing.tap[0] = '\0';
	memcpy(thing.link, tun, sizeof(tun));
	snprintf(
	    text, size, "%s%s", thing.tap[0] != '\0' ? "tap " : tun, thing.tap);
	tell(&thing, text, size);
}
