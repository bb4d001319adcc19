#ifndef MODULES_H
#define MODULES_H

#include "reason.h"

#include <stddef.h>

/* A kernel module, unpacked. */
struct module {
	char *name;  /* with '_' for '-'; owned */
	char *bytes; /* a NUL behind them */
	size_t len;
};

/* Modules in an order in which they can be loaded. */
struct modules {
	struct module *list;
	size_t count;
	size_t depth;  /* of the dependencies followed at the moment */
	char *order;   /* the directory's modules.order */
	char *builtin; /* and modules.builtin */
};

/* Opens a directory of modules, lib/modules/VERSION: as modules_install leaves
 * it, depmod(8) need not have run. Returns 0, or -1 with the reason. */
int modules_open(
    struct modules *modules, const char *directory, struct reason *why);

/* Adds the module, behind those that it depends on (its modinfo says which).
 * One that the kernel has built in is not needed. Returns 0; 1 when the kernel
 * has none of that name; 2 with the reason when it has one whose file is not
 * there, as distributions put some into packages of their own; -1 with the
 * reason. */
int modules_add(struct modules *modules, const char *directory,
    const char *name, struct reason *why);

void modules_free(struct modules *modules);

#endif
