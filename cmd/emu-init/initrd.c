#include "initrd.h"

#include "../fatal.h"
#include "../memory.h"
#include "config.h"
#include "input.h"
#include "private_dir.h"
#include "share_file.h"
#include "target.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INIT_BYTES = 64 << 20 };

static const char file_name[] = "emu-init.cpio";

/* Adds a file or a directory. The same content makes the same bytes: no times,
 * no owners. A failure is one of *a. */
static int
add(struct archive *a, const char *path, mode_t mode, const void *bytes,
    size_t len)
{
	struct archive_entry *entry = memory_got(archive_entry_new());

	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)len);
	bool ok =
	    archive_write_header(a, entry) == ARCHIVE_OK &&
	    (len == 0 || archive_write_data(a, bytes, len) == (la_ssize_t)len);
	archive_entry_free(entry);
	return ok ? 0 : -1;
}

static int
add_directories(struct archive *a)
{
	static const char *const names[] = {
	    "dev", "emu", "emu/modules", "proc", "root", "sys"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (add(a, names[i], S_IFDIR | 0755, NULL, 0) < 0)
			return -1;
	return 0;
}

static char *
init_path(const char *target)
{
	char *name = memory_format("init-%s", target);
	char *path = memory_got(share_file(name));

	free(name);
	return path;
}

/* Returns the path of the init for a target, which the caller frees. Without
 * one of the name, the name may be another spelling. */
static char *
find_init(const char *name)
{
	struct targets targets;
	struct reason ignored; /* the init is missing, whatever the targets */
	char *path = init_path(name);

	if (access(path, F_OK) == 0)
		return path;
	const struct target *target = targets_read(&targets, &ignored) < 0
					  ? NULL
					  : targets_named(&targets, name);
	if (target != NULL) {
		free(path);
		path = init_path(target->name);
		if (access(path, F_OK) < 0 && target->compiler != NULL)
			fatal("%s: not built: there was no compiler for %s "
			      "(Debian: %s)",
			    path, target->name, target->compiler);
	}
	targets_free(&targets);
	return path;
}

static int
add_init(struct archive *a, const char *target)
{
	char *path = find_init(target), *bytes;
	struct reason why;
	size_t len;

	fatal_if(input_read(path, INIT_BYTES, &bytes, &len, &why) < 0, &why);
	int result = add(a, "init", S_IFREG | 0755, bytes, len);
	free(bytes);
	free(path);
	return result;
}

static int
add_config(struct archive *a, const struct options *options)
{
	size_t len;
	char *bytes = config_make(options, &len);
	int result = add(a, "emu/config", S_IFREG | 0600, bytes, len);

	free(bytes);
	return result;
}

static int
add_modules(struct archive *a, const struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		const struct module *module = &modules->list[i];
		char path[128];

		snprintf(path, sizeof(path), "emu/modules/%03zu-%s", i,
		    module->name);
		if (add(a, path, S_IFREG | 0600, module->bytes, module->len) <
		    0)
			return -1;
	}
	return 0;
}

const char *
initrd_make(const struct options *options, const char *target,
    const struct modules *modules, struct new_files *files)
{
	struct reason why;
	char *directory;
	int dir = private_dir_open(options->directory, &directory, &why);

	fatal_if(dir < 0, &why);
	char *path = memory_format("%s/%s", directory, file_name);
	struct new_file *file = new_files_open(files, dir, path, false);
	struct archive *a = memory_got(archive_write_new());
	archive_write_set_format_cpio_newc(a);
	archive_write_add_filter_none(a);
	archive_write_set_bytes_per_block(a, 0); /* whole files at once */
	if (archive_write_open_fd(a, file->whole.fd) != ARCHIVE_OK ||
	    add_directories(a) < 0 || add_init(a, target) < 0 ||
	    add_config(a, options) < 0 || add_modules(a, modules) < 0 ||
	    archive_write_close(a) != ARCHIVE_OK)
		fatal("%s: %s", path,
		    archive_errno(a) > 0 ? strerror(archive_errno(a))
					 : archive_error_string(a));
	archive_write_free(a);
	free(directory);
	free(path);
	return file->path;
}
