#include "host_id.h"

#include "file_io.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Whether only this machine can have the file system mounted. What is not known
 * here (NFS, CIFS, FUSE, Ceph, Lustre, 9p, and what is new) may be shared. */
static bool
is_local(int directory)
{
	static const uint32_t local[] = {BTRFS_SUPER_MAGIC, EXT4_SUPER_MAGIC,
	    F2FS_SUPER_MAGIC, NILFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC,
	    RAMFS_MAGIC, REISERFS_SUPER_MAGIC, TMPFS_MAGIC, XFS_SUPER_MAGIC,
	    0xca451a4e /* bcachefs */, 0x2fc12fc1 /* ZFS */};
	struct statfs st;

	if (fstatfs(directory, &st) < 0)
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if ((uint32_t)st.f_type == local[i])
			return true;
	}
	return false;
}

/* FNV-1a (RFC 9923). */
static uint32_t
add(uint32_t hash, const char *text, ssize_t len)
{
	for (ssize_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x01000193;
	return hash;
}

static uint32_t
add_file(uint32_t hash, const char *path)
{
	char text[64];

	return add(hash, text, file_head(path, text, sizeof(text)));
}

uint32_t
host_id(int directory)
{
	char namespace[64] = "";
	struct stat st;
	uint32_t hash = 0x811c9dc5;

	hash = add_file(hash, "/etc/machine-id");
	hash = add(hash, namespace,
	    readlink("/proc/self/ns/pid", namespace, sizeof(namespace)));
	if (is_local(directory))
		return hash;
	hash = add_file(hash, "/proc/sys/kernel/random/boot_id");
	if (fstat(directory, &st) == 0)
		hash = add(hash, (const char *)&st.st_dev, sizeof(st.st_dev));
	return hash;
}
