#ifndef MODULES_H
#define MODULES_H

#include "options.h"

#include <stdbool.h>
#include <stddef.h>

/* A kernel module, unpacked. */
struct module {
	char *name;  /* with '_' for '-'; owned */
	char *bytes; /* a NUL behind them; owned */
	size_t len;
};

/* Modules in an order in which they can be loaded. */
struct modules {
	struct module *list;
	size_t count;
};

/* Collects the modules that the init needs and the kernel, which is the file
 * `kernel`, has not built in. They come from the directory of -K, else from
 * lib/modules/VERSION below the root. If the root has none for the kernel's
 * version, the kernel must have everything built in, which only a boot can
 * tell, and there are no modules. Needs modules.order and modules.builtin, as
 * modules_install leaves them; depmod(8) need not have run. `network`: the
 * machine has a network device. A module that is needed and missing ends the
 * program; one that is merely of use is left out, also when its file is
 * missing, since distributions put some into packages of their own. */
void modules_find(struct modules *modules, const struct options *options,
    const char *kernel, bool network);

#endif
