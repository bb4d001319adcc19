#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>
#include <sys/types.h>

/* Where emu-init put things in the initrd. */
#define CONFIG_FILE "/emu/config"
#define CONFIG_MODULES "/emu/modules"

enum { CONFIG_BINDS = 32, CONFIG_GROUPS = 64, CONFIG_WORDS = 4096 };

/* A directory of the host that the guest may write to. */
struct bind {
	const char *tag;  /* of the share */
	const char *path; /* where it is, on the host and here */
};

/* What emu-init wrote down for this machine. Every string points into one
 * buffer that lives as long as the process. */
struct config {
	const char *root; /* tag of the share that is the root */
	const char *type; /* and its file system: 9p or virtiofs */
	const char *directory;
	uid_t uid;
	gid_t gid;
	gid_t groups[CONFIG_GROUPS];
	size_t group_count;
	struct bind binds[CONFIG_BINDS];
	size_t bind_count;
	char *argv[CONFIG_WORDS]; /* the command, ended by NULL */
	size_t argc;
	char *env[CONFIG_WORDS]; /* its environment, ended by NULL */
	size_t envc;
};

/* Reads CONFIG_FILE: records "key=value", each ended by a NUL byte; keys: root,
 * type, directory, uid, gid, group, bind (tag:path), arg, env. Returns 0, or -1
 * with errno set (EINVAL: a record that this init does not know). */
int config_read(struct config *config);

#endif
