#include "initrd.h"

#include "input.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { INIT_BYTES = 64 << 20 };

/* The same bytes for the same contents: no times, no owners. */
static int
add(struct archive *a, const char *path, mode_t mode, const void *bytes,
    size_t len)
{
	struct archive_entry *entry = archive_entry_new();
	int result = -1;

	if (entry == NULL)
		return -1;
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)len);
	if (archive_write_header(a, entry) == ARCHIVE_OK &&
	    (len == 0 || archive_write_data(a, bytes, len) == (la_ssize_t)len))
		result = 0;
	archive_entry_free(entry);
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

static int
add_all(struct archive *a, const char *init, size_t init_len,
    const struct guest *guest, const struct modules *modules)
{
	static const char *const directories[] = {
	    "dev", "emu", "emu/modules", "proc", "root", "sys"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]);
	     i++)
		if (add(a, directories[i], S_IFDIR | 0755, NULL, 0) < 0)
			return -1;
	if (add(a, "init", S_IFREG | 0755, init, init_len) < 0 ||
	    add(a, "emu/config", S_IFREG | 0600, guest->config,
		guest->config_len) < 0)
		return -1;
	return add_modules(a, modules);
}

int
initrd_write(int fd, const char *name, const char *init,
    const struct guest *guest, const struct modules *modules,
    struct reason *why)
{
	struct archive *a = archive_write_new();
	char *bytes = NULL;
	size_t len;
	int result = -1;

	if (a == NULL)
		return reason_errno(why, "%s", name);
	archive_write_set_format_cpio_newc(a);
	archive_write_add_filter_none(a);
	archive_write_set_bytes_per_block(a, 0); /* whole files at once */
	if (input_read(init, INIT_BYTES, &bytes, &len, why) < 0)
		goto out;
	if (archive_write_open_fd(a, fd) == ARCHIVE_OK &&
	    add_all(a, bytes, len, guest, modules) == 0 &&
	    archive_write_close(a) == ARCHIVE_OK)
		result = 0;
	else
		reason_set(why, "%s: %s", name, archive_error_string(a));
out:
	archive_write_free(a);
	free(bytes);
	return result;
}
