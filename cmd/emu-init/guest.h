#ifndef GUEST_H
#define GUEST_H

#include "options.h"
#include "reason.h"

#include <stddef.h>

/* What the machine's init needs to know, and the shares that it mounts. */
struct guest {
	char *root;         /* absolute; owned */
	const char *driver; /* of its share; borrowed */
	char *binds[OPTIONS_BINDS];
	size_t bind_count; /* a directory comes before those below it */
	char *config;      /* records as in share/init/config.h; owned */
	size_t config_len;
};

/* Makes it from the options and the caller: directory, user, groups, HOME,
 * PATH, LANG. Returns 0, or -1 with the reason. guest_free frees either way. */
int guest_make(
    struct guest *guest, const struct options *options, struct reason *why);
void guest_free(struct guest *guest);

#endif
