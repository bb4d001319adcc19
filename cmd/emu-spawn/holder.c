#include "holder.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 64 };

static const char tun[] = "/dev/net/tun";

/* Reads a small file of /proc; "" when there is none. */
static void
read_small(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
}

/* Whether the descriptor /proc/PID/fd/N is what the link says, and when that is
 * a tap, the one of this name ("": any). */
static bool
is_held(const char *path, int pid, int fd, const char *link, const char *tap)
{
	char target[NAME] = "", text[512], name[NAME] = "";

	if (readlink(path, target, sizeof(target) - 1) < 0 ||
	    strcmp(target, link) != 0)
		return false;
	if (tap[0] == '\0')
		return true;
	snprintf(target, sizeof(target), "/proc/%d/fdinfo/%d", pid, fd);
	read_small(target, text, sizeof(text));
	const char *line = strstr(text, "iff:");
	return line != NULL && sscanf(line, "iff: %63s", name) == 1 &&
	       strcmp(name, tap) == 0;
}

/* Appends " is held by PID (COMMAND)" for the first holder found. */
static void
tell(const char *link, const char *tap, char *text, size_t size)
{
	char path[NAME], command[NAME];
	size_t len = strlen(text);
	bool found = false;
	int pid, fd;
	glob_t all;

	if (glob("/proc/[0-9]*/fd/*", GLOB_NOSORT, NULL, &all) == 0)
		for (size_t i = 0; i < all.gl_pathc && !found; i++)
			found = sscanf(all.gl_pathv[i], "/proc/%d/fd/%d", &pid,
				    &fd) == 2 &&
				is_held(all.gl_pathv[i], pid, fd, link, tap);
	globfree(&all);
	if (!found)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	read_small(path, command, sizeof(command));
	snprintf(text + len, size - len, " is held by %d (%.*s)", pid,
	    (int)strcspn(command, "\n"), command);
}

/* The inode of the socket that is bound to the port and connected to nobody,
 * from a table of /proc/net (Documentation/networking/proc_net_tcp.rst); 0 when
 * there is none. */
static unsigned long
socket_inode(const char *table, unsigned port)
{
	char line[512];
	unsigned long inode = 0, found;
	FILE *f = fopen(table, "re");
	unsigned local, remote;

	while (f != NULL && inode == 0 && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line,
			" %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %*x"
			" %*s %*s %*s %*s %*s %lu",
			&local, &remote, &found) == 3 &&
		    local == port && remote == 0)
			inode = found;
	if (f != NULL)
		fclose(f);
	return inode;
}

/* In a rule tcp:ADDRESS:PORT-ADDRESS:PORT the first port is the host's. */
static void
explain_rule(const char *rule, char *text, size_t size)
{
	const char *protocol = strncmp(rule, "udp", 3) == 0 ? "udp" : "tcp";
	unsigned long inode = 0;
	char path[NAME];
	unsigned port;

	if (sscanf(rule, "%*[^:]:%*[^:]:%u-", &port) != 1 &&
	    sscanf(rule, "%*[^:]::%u-", &port) != 1)
		return;
	for (int six = 0; six < 2 && inode == 0; six++) {
		snprintf(path, sizeof(path), "/proc/net/%s%s", protocol,
		    six ? "6" : "");
		inode = socket_inode(path, port);
	}
	if (inode == 0)
		return;
	snprintf(text, size, "%s port %u", protocol, port);
	snprintf(path, sizeof(path), "socket:[%lu]", inode);
	tell(path, "", text, size);
}

void
holder_explain(const char *errors, char *text, size_t size)
{
	static const char forward[] = "host forwarding rule '";
	const char *p = strstr(errors, forward);
	char tap[NAME] = "";

	text[0] = '\0';
	if (p != NULL) {
		explain_rule(p + sizeof(forward) - 1, text, size);
		return;
	}
	p = strstr(errors, tun);
	if (p == NULL || strcasestr(p, "device or resource busy") == NULL)
		return;
	bool named = sscanf(p, "/dev/net/tun (%63[^)])", tap) == 1;
	snprintf(text, size, "%s%s", named ? "tap " : tun, tap);
	tell(tun, tap, text, size);
}
