#ifndef IN_FILE_H
#define IN_FILE_H

#include "options.h"
#include "reason.h"

/* Does what -f asks for. Returns 0, or -1 with the reason. */
int in_file(const struct options *options, struct reason *why);

#endif
