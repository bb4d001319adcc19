#include "holder.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 64 };

static const char tun[] = "/dev/net/tun";

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

/* Whether the descriptor /proc/PID/fd/N is a tap of that name. */
static bool
is_tap(int pid, int fd, const char *tap)
{
	char path[NAME], text[512], name[NAME];

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	if (!read_small(path, text, sizeof(text)))
		return false;
	const char *line = strstr(text, "iff:");
	return line != NULL && sscanf(line, "iff: %63s", name) == 1 &&
	       (tap[0] == '\0' || strcmp(name, tap) == 0);
}

/* Returns the process that holds it with the descriptor of that path, or 0. */
static int
holder_by(const char *path, const struct thing *thing)
{
	char target[NAME];
	int pid, fd;
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	if (strcmp(target, thing->link) != 0 ||
	    sscanf(path, "/proc/%d/fd/%d", &pid, &fd) != 2)
		return 0;
	return strcmp(target, tun) != 0 || is_tap(pid, fd, thing->tap) ? pid
								       : 0;
}

/* Appends " is held by PID (COMMAND)" for the first holder found. */
static void
tell(const struct thing *thing, char *text, size_t size)
{
	char path[NAME], command[NAME];
	size_t len = strlen(text);
	glob_t all;
	int pid = 0;

	if (glob("/proc/[0-9]*/fd/*", GLOB_NOSORT, NULL, &all) == 0)
		for (size_t i = 0; i < all.gl_pathc && pid == 0; i++)
			pid = holder_by(all.gl_pathv[i], thing);
	globfree(&all);
	if (pid == 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	read_small(path, command, sizeof(command));
	command[strcspn(command, "\n")] = '\0';
	snprintf(text + len, size - len, " is held by %d (%s)", pid, command);
}

/* The inode of a socket bound to the port, from a table of /proc/net
 * (Documentation/networking/proc_net_tcp.rst); 0 when there is none. Connected
 * ones have another state than the wanted. */
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

/* In a rule tcp:ADDRESS:PORT-ADDRESS:PORT the first port is the host's. */
static void
explain_rule(const char *rule, char *text, size_t size)
{
	enum { LISTEN = 0x0a, UNCONNECTED = 0x07 };
	bool udp = strncmp(rule, "udp", 3) == 0;
	const unsigned wanted = udp ? UNCONNECTED : LISTEN;
	struct thing thing = {.tap = ""};
	unsigned port;

	if (sscanf(rule, "%*[^:]:%*[^:]:%u-", &port) != 1 &&
	    sscanf(rule, "%*[^:]::%u-", &port) != 1)
		return;
	unsigned long inode =
	    socket_inode(udp ? "/proc/net/udp" : "/proc/net/tcp", port, wanted);
	if (inode == 0)
		inode = socket_inode(
		    udp ? "/proc/net/udp6" : "/proc/net/tcp6", port, wanted);
	if (inode == 0)
		return;
	snprintf(text, size, "%s port %u", udp ? "udp" : "tcp", port);
	snprintf(thing.link, sizeof(thing.link), "socket:[%lu]", inode);
	tell(&thing, text, size);
}

void
holder_explain(const char *errors, char *text, size_t size)
{
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
