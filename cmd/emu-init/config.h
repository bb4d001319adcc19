#ifndef CONFIG_H
#define CONFIG_H

#include "options.h"

#include <stddef.h>

/* Returns what the init in the guest has to know: records as in
 * share/init/config.h, made from the options and from the caller's directory,
 * user, groups, HOME, PATH and LANG. Stores their length in bytes. The caller
 * frees them. An error ends the program. */
char *config_make(const struct options *options, size_t *len);

#endif
