#include "supply.h"

#include "../fatal.h"
#include "../memory.h"
#include "input.h"
#include "kernel_version.h"
#include "unpacked.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { INDEX_BYTES = 16 << 20 };

/* Opens a file below the directory, or the directory itself for ".". Returns -1
 * if there is none. A FIFO of that name does not block. */
static int
open_below(const struct supply *supply, const char *name, const char *shown)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
	    .resolve = supply->confined ? RESOLVE_IN_ROOT : 0};
	char *path = memory_format("%s/%s", supply->below, name);
	int fd =
	    (int)syscall(SYS_openat2, supply->root, path, &how, sizeof(how));

	if (fd < 0 && errno != ENOENT)
		fatal_errno(shown);
	free(path);
	return fd;
}

static char *
read_index(const struct supply *supply, const char *name)
{
	struct reason why;
	char *path = memory_format("%s/%s", supply->directory, name), *text;
	int fd = open_below(supply, name, path);
	size_t len;

	if (fd < 0)
		fatal_errno(path);
	fatal_if(
	    input_read_fd(fd, path, INDEX_BYTES, &text, &len, &why) < 0, &why);
	close(fd);
	free(path);
	return text;
}

/* Whether a line of an index is the module's: "kernel/fs/9p/9p.ko". '-' and
 * '_' are the same in a module's name. */
static bool
is_line_of(const char *line, size_t len, const char *name)
{
	const char *slash = memrchr(line, '/', len);
	const char *base = slash == NULL ? line : slash + 1;
	size_t size = strlen(name);

	if ((size_t)(line + len - base) != size + 3)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((base[i] == '-' ? '_' : base[i]) != name[i])
			return false;
	return true;
}

const char *
supply_line(const char *index, const char *name, size_t *len)
{
	for (const char *line = index; *line != '\0';) {
		size_t n = strcspn(line, "\n");

		if (is_line_of(line, n, name)) {
			*len = n - 3;
			return line;
		}
		line += n + (line[n] == '\n');
	}
	return NULL;
}

/* Whether the root has a directory for the version. */
static bool
find_version(struct supply *supply, const char *root, const char *kernel)
{
	char version[KERNEL_VERSION_BYTES];

	kernel_version_read(kernel, version);
	if (version[0] == '\0')
		return false;
	supply->confined = true;
	supply->below = memory_format("lib/modules/%s", version);
	supply->directory = memory_format("%s/%s", root, supply->below);
	int fd = open_below(supply, ".", supply->directory);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

bool
supply_open(
    struct supply *supply, const struct options *options, const char *kernel)
{
	const char *root =
	    options->modules == NULL ? options->root : options->modules;

	*supply = (struct supply){
	    .root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	if (supply->root < 0)
		fatal_errno(root);
	if (options->modules != NULL) {
		supply->below = memory_got(strdup("."));
		supply->directory = memory_got(strdup(root));
	} else if (!find_version(supply, root, kernel)) {
		return false;
	}
	supply->order = read_index(supply, "modules.order");
	supply->builtin = read_index(supply, "modules.builtin");
	return true;
}

void
supply_close(struct supply *supply)
{
	close(supply->root);
	free(supply->directory);
	free(supply->below);
	free(supply->order);
	free(supply->builtin);
}

char *
supply_file(const struct supply *supply, const char *line, size_t line_len,
    char **path, size_t *len)
{
	static const char *const endings[] = {
	    ".ko", ".ko.xz", ".ko.zst", ".ko.gz"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *name =
		    memory_format("%.*s%s", (int)line_len, line, endings[i]);
		*path = memory_format("%s/%s", supply->directory, name);
		int fd = open_below(supply, name, *path);
		free(name);
		if (fd >= 0) {
			char *bytes = unpacked_file(fd, *path, len);
			close(fd);
			return bytes;
		}
		free(*path);
	}
	*path = NULL;
	return NULL;
}
