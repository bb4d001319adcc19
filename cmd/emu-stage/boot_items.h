#ifndef BOOT_ITEMS_H
#define BOOT_ITEMS_H

#include "document.h"
#include "recipe.h"

#include <stdbool.h>
#include <stddef.h>

/* What the document's authorized_keys, cmdline and entropy put into the ZBI. */
struct boot_items {
	char *keys; /* a boot loader's file: its name and its bytes; owned */
	size_t keys_len;
	const char *cmdline; /* borrowed; NULL: none */
	unsigned char entropy[32];
	bool has_entropy;
};

/* Reads the items from the document, and the file of keys that it names. What
 * is wrong with them ends the program. The result is never freed. */
struct boot_items boot_items_read(const struct document *document);

/* Appends the items to the ZBI that has been made for the recipe, and updates
 * the recipe's size. A ZBI that is not well formed ends the program. */
void boot_items_add(const struct boot_items *items,
    const struct staging *staging, struct recipe *recipe);

#endif
