#include "boot_items.h"

#include "field.h"
#include "file_io.h"
#include "zbi.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYS_MOST = 1 << 20 };

/* What bootsvc keeps as /data/ssh/authorized_keys: the length of a name, the
 * name, the file. */
static const char keys_name[] = "\x13ssh.authorized_keys";

static int
read_keys(struct boot_items *items, const char *path, struct reason *why)
{
	const size_t name = sizeof(keys_name) - 1;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int result = -1;

	if (fd < 0 || fstat(fd, &st) < 0) {
		reason_errno(why, "%s", path);
	} else if (!S_ISREG(st.st_mode) || st.st_size == 0 ||
		   st.st_size > KEYS_MOST) {
		reason_set(why, "%s: not a file of keys", path);
	} else {
		items->keys_len = name + (size_t)st.st_size;
		items->keys = malloc(items->keys_len);
		if (items->keys == NULL) {
			reason_memory(why);
		} else {
			memcpy(items->keys, keys_name, name);
			result = file_read(fd, items->keys + name,
				     (size_t)st.st_size, 0) < 0
				     ? reason_errno(why, "%s", path)
				     : 0;
		}
	}
	if (fd >= 0)
		close(fd);
	return result;
}

/* 64 digits, as emu-argv takes them too. */
static int
read_entropy(struct boot_items *items, const char *document, const char *digits,
    struct reason *why)
{
	if (strlen(digits) != 2 * sizeof(items->entropy) ||
	    digits[strspn(digits, "0123456789abcdefABCDEF")] != '\0')
		return reason_set(why,
		    "%s: entropy: expected 64 hexadecimal digits", document);
	for (size_t i = 0; i < sizeof(items->entropy); i++) {
		const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};

		items->entropy[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	items->has_entropy = true;
	return 0;
}

int
boot_items_read(struct boot_items *items, const struct document *document,
    struct reason *why)
{
	const char *keys = NULL, *entropy = NULL;
	const json_t *root = document->root;

	*items = (struct boot_items){0};
	if (field_text(document, root, "", "authorized_keys", &keys, why) < 0 ||
	    field_text(document, root, "", "cmdline", &items->cmdline, why) <
		0 ||
	    field_text(document, root, "", "entropy", &entropy, why) < 0)
		return -1;
	if (entropy != NULL &&
	    read_entropy(items, document->name, entropy, why) < 0)
		return -1;
	return keys == NULL ? 0 : read_keys(items, keys, why);
}

void
boot_items_free(struct boot_items *items)
{
	free(items->keys);
}

bool
boot_items_any(const struct boot_items *items)
{
	return items->keys != NULL || items->cmdline != NULL ||
	       items->has_entropy;
}

static int
append(struct zbi *zbi, const struct boot_items *items, struct reason *why)
{
	if (items->keys != NULL &&
	    zbi_append(zbi, ZBI_FILE, items->keys, items->keys_len, why) < 0)
		return -1;
	/* With its NUL, which older kernels want. */
	if (items->cmdline != NULL &&
	    zbi_append(zbi, ZBI_CMDLINE, items->cmdline,
		strlen(items->cmdline) + 1, why) < 0)
		return -1;
	if (!items->has_entropy)
		return 0;
	return zbi_append(
	    zbi, ZBI_ENTROPY, items->entropy, sizeof(items->entropy), why);
}

int
boot_items_add(const struct boot_items *items, const struct staging *staging,
    struct recipe *recipe, struct reason *why)
{
	struct zbi zbi;
	int fd = recipe_open(staging, recipe, why);

	if (fd < 0)
		return -1;
	int result = zbi_open(
	    &zbi, fd, recipe->size, recipe->image->path, NULL, NULL, why);
	if (result == 0)
		result = append(&zbi, items, why);
	if (result == 0)
		recipe->size = zbi.end;
	recipe->digest[0] = '\0';
	close(fd);
	return result;
}
