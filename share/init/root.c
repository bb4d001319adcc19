#include "root.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a 9p message. The transport of virtio takes 128 pages less one. */
#define SHARE_OPTIONS "trans=virtio,version=9p2000.L,msize=507904"

static void
mount_early(const char *type, const char *at)
{
	mkdir(at, 0755);
	mount(type, at, type, MS_NOSUID, NULL);
}

void
root_early(void)
{
	mount_early("devtmpfs", "/dev");
	mount_early("proc", "/proc");
	mount_early("sysfs", "/sys");
}

static int
mount_share(const struct config *config, FILE *notes)
{
	bool plan9 = strcmp(config->type, "9p") == 0;
	const char *needs = plan9 ? "CONFIG_NET_9P_VIRTIO and CONFIG_9P_FS"
				  : "CONFIG_VIRTIO_FS";

	mkdir("/lower", 0755);
	/* Nobody writes to it: what was read once need not be asked again. */
	if (mount(config->root, "/lower", config->type,
		MS_RDONLY | MS_NOSUID | MS_NODEV,
		plan9 ? SHARE_OPTIONS ",cache=loose" : NULL) == 0)
		return 0;
	if (errno == ENODEV)
		fprintf(notes,
		    "the kernel has no %s file system: it needs %s, or their "
		    "modules (emu-init -K)\n",
		    config->type, needs);
	else
		fprintf(notes, "root: %s: %s%s\n", config->type,
		    strerror(errno),
		    plan9 && (errno == ENOENT || errno == EPROTONOSUPPORT)
			? "; the kernel needs CONFIG_NET_9P_VIRTIO"
			: "");
	return -1;
}

/* What the guest writes stays in its memory. */
static int
mount_overlay(void)
{
	mkdir("/memory", 0755);
	if (mount("tmpfs", "/memory", "tmpfs", MS_NOSUID | MS_NODEV,
		"mode=0755") < 0)
		return -1;
	mkdir("/memory/upper", 0755);
	mkdir("/memory/work", 0755);
	return mount("overlay", "/root", "overlay", MS_NOSUID | MS_NODEV,
	    "lowerdir=/lower,upperdir=/memory/upper,workdir=/memory/work");
}

/* Makes the directory at path and those above it. */
static void
make_path(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	mkdir(path, 0755);
}

static int
mount_binds(const struct config *config, FILE *notes)
{
	for (size_t i = 0; i < config->bind_count; i++) {
		char at[PATH_MAX];

		snprintf(at, sizeof(at), "/root%s", config->binds[i].path);
		make_path(at);
		if (mount(config->binds[i].tag, at, "9p", MS_NOSUID | MS_NODEV,
			SHARE_OPTIONS ",cache=mmap") < 0) {
			fprintf(notes, "%s: 9p: %s\n", config->binds[i].path,
			    strerror(errno));
			return -1;
		}
	}
	return 0;
}

static void
mount_in_memory(const char *at, const char *options)
{
	mkdir(at, 0755);
	mount("tmpfs", at, "tmpfs", MS_NOSUID | MS_NODEV, options);
}

/* Whether path is the directory or below it. */
static bool
lies_in(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

/* Lets the caller's directory be seen that a file system in memory hides. */
static void
show_directory(const char *directory)
{
	char from[PATH_MAX], at[PATH_MAX];

	if (!lies_in(directory, "/tmp") && !lies_in(directory, "/run"))
		return;
	snprintf(from, sizeof(from), "/lower%s", directory);
	snprintf(at, sizeof(at), "/root%s", directory);
	make_path(at);
	mount(from, at, NULL, MS_BIND, NULL);
}

static void
mount_system(const struct config *config, bool overlay)
{
	mkdir("/root/proc", 0755);
	mount("proc", "/root/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    NULL);
	mkdir("/root/sys", 0755);
	mount("sysfs", "/root/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    NULL);
	mount("debugfs", "/root/sys/kernel/debug", "debugfs", MS_NOSUID, NULL);
	mount(
	    "tracefs", "/root/sys/kernel/tracing", "tracefs", MS_NOSUID, NULL);
	mkdir("/root/dev", 0755);
	mount("devtmpfs", "/root/dev", "devtmpfs", MS_NOSUID, NULL);
	/* devtmpfs has the devices alone. */
	(void)!symlink("/proc/self/fd", "/root/dev/fd");
	(void)!symlink("fd/0", "/root/dev/stdin");
	(void)!symlink("fd/1", "/root/dev/stdout");
	(void)!symlink("fd/2", "/root/dev/stderr");
	mkdir("/root/dev/pts", 0755);
	mount("devpts", "/root/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	    "mode=0620,ptmxmode=0666");
	mount_in_memory("/root/dev/shm", "mode=1777");
	/* The host's sockets are of no use here; the caller's files are. */
	if (!overlay || !lies_in(config->directory, "/run"))
		mount_in_memory("/root/run", "mode=0755");
	if (overlay)
		return;
	mount_in_memory("/root/tmp", "mode=1777");
	show_directory(config->directory);
}

/* Makes /root the root for good. */
static int
switch_root(FILE *notes)
{
	if (chdir("/root") == 0 && mount(".", "/", NULL, MS_MOVE, NULL) == 0 &&
	    chroot(".") == 0 && chdir("/") == 0)
		return 0;
	fprintf(notes, "root: %s\n", strerror(errno));
	return -1;
}

int
root_enter(const struct config *config, FILE *notes)
{
	bool overlay = false;

	if (mount_share(config, notes) < 0)
		return -1;
	mkdir("/root", 0755);
	overlay = mount_overlay() == 0;
	if (!overlay) {
		fprintf(notes, "the kernel has no overlayfs "
			       "(CONFIG_OVERLAY_FS): only /tmp, /run and what "
			       "-B names can be written to\n");
		if (mount("/lower", "/root", NULL, MS_BIND, NULL) < 0) {
			fprintf(notes, "root: %s\n", strerror(errno));
			return -1;
		}
	}
	mount_system(config, overlay);
	if (mount_binds(config, notes) < 0)
		return -1;
	return switch_root(notes);
}

void
root_leave(const struct config *config)
{
	(void)!chdir("/");
	sync();
	for (size_t i = config->bind_count; i > 0; i--)
		umount2(config->binds[i - 1].path, MNT_DETACH);
}
