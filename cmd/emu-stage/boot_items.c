#include "boot_items.h"

#include "../fatal.h"
#include "../memory.h"
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

static void
read_keys(struct boot_items *items, const char *path)
{
	const size_t name = sizeof(keys_name) - 1;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		fatal_errno(path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > KEYS_MOST)
		fatal("%s: not a file of keys", path);
	items->keys_len = name + (size_t)st.st_size;
	items->keys = memory_got(malloc(items->keys_len));
	memcpy(items->keys, keys_name, name);
	if (file_read(fd, items->keys + name, (size_t)st.st_size, 0) < 0)
		fatal_errno(path);
	close(fd);
}

/* 64 digits, as emu-argv takes them too. */
static void
read_entropy(struct boot_items *items, const char *document, const char *digits)
{
	if (strlen(digits) != 2 * sizeof(items->entropy) ||
	    digits[strspn(digits, "0123456789abcdefABCDEF")] != '\0')
		fatal("%s: entropy: expected 64 hexadecimal digits", document);
	for (size_t i = 0; i < sizeof(items->entropy); i++) {
		const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};

		items->entropy[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	items->has_entropy = true;
}

struct boot_items
boot_items_read(const struct document *document)
{
	const char *keys = NULL, *entropy = NULL;
	struct boot_items items = {0};
	struct reason why;
	struct fields root = {document, document->root, "", &why, false};

	field_text(&root, "authorized_keys", &keys);
	field_text(&root, "cmdline", &items.cmdline);
	field_text(&root, "entropy", &entropy);
	fatal_if(root.failed, &why);
	if (entropy != NULL)
		read_entropy(&items, document->name, entropy);
	if (keys != NULL)
		read_keys(&items, keys);
	return items;
}

void
boot_items_add(const struct boot_items *items, const struct staging *staging,
    struct recipe *recipe)
{
	int fd = recipe_open(staging, recipe);
	struct zbi zbi =
	    zbi_open(fd, recipe->size, recipe->image->path, NULL, NULL);

	if (items->keys != NULL)
		zbi_append(&zbi, ZBI_FILE, items->keys, items->keys_len);
	/* With its NUL, which older kernels want. */
	if (items->cmdline != NULL)
		zbi_append(&zbi, ZBI_CMDLINE, items->cmdline,
		    strlen(items->cmdline) + 1);
	if (items->has_entropy)
		zbi_append(
		    &zbi, ZBI_ENTROPY, items->entropy, sizeof(items->entropy));
	recipe->size = zbi.end;
	recipe->digest[0] = '\0';
	close(fd);
}
