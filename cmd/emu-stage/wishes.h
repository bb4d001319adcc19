#ifndef WISHES_H
#define WISHES_H

#include "recipe.h"

/* What an entry says about how its image is to be had. */
struct wishes {
	const char *extract;
	const char *convert;
	bool decompress;
	bool in_archive; /* the path is a member of the archive of -x */
};

/* Reads and checks the entry's fields, those that recipe has as well. Returns
 * 0, or -1 with the reason, which names the field. */
int wishes_read(struct wishes *wishes, struct recipe *recipe,
    const struct document *document, struct reason *why);

/* Whether emu-unpack has to take the image out of something. */
bool wishes_take_out(const struct wishes *wishes);

#endif
