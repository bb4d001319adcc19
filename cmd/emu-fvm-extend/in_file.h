#ifndef IN_FILE_H
#define IN_FILE_H

#include "options.h"

/* Does what -f asks for. */
void in_file(const struct options *options);

#endif
