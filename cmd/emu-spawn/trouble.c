#include "trouble.h"

#include "children.h"
#include "file_io.h"

#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 64, TEXT = 4096 };

/* Where each version of cgroups counts, and how /proc/self/cgroup marks the
 * line of its group (ID:CONTROLLERS:PATH). */
static const struct {
	const char *mark, *mount, *file;
} versions[] = {
    {"::", "/sys/fs/cgroup", "memory.events"},
    {":memory:", "/sys/fs/cgroup/memory", "memory.oom_control"},
};

uint64_t
trouble_oom_kills(void)
{
	static const char key[] = "oom_kill ";
	char groups[TEXT], path[PATH_MAX], text[TEXT];

	file_head("/proc/self/cgroup", groups, sizeof(groups));
	for (size_t i = 0; i < 2 * sizeof(versions) / sizeof(*versions); i++) {
		const char *mark = versions[i / 2].mark;
		const char *group = strstr(groups, mark);

		if (group == NULL)
			continue;
		group += strlen(mark);
		/* A container may see its own group as the root of what is
		 * mounted. */
		snprintf(path, sizeof(path), "%s%.*s/%s", versions[i / 2].mount,
		    i % 2 == 0 ? (int)strcspn(group, "\n") : 0, group,
		    versions[i / 2].file);
		if (file_head(path, text, sizeof(text)) > 0 &&
		    (group = strstr(text, key)) != NULL)
			return strtoull(group + strlen(key), NULL, 10);
	}
	return 0;
}

static const char tun[] = "/dev/net/tun";

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
	file_head(target, text, sizeof(text));
	const char *line = strstr(text, "iff:");
	return line != NULL && sscanf(line, "iff: %63s", name) == 1 &&
	       strcmp(name, tap) == 0;
}

/* Appends " is held by PID (COMMAND)" for the first holder found. */
static void
tell(const char *link, const char *tap, char *text, size_t size)
{
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
	snprintf(text + len, size - len, " is held by %d (%s)", pid,
	    children_name(pid).text);
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
trouble_holder(const char *errors, char *text, size_t size)
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
