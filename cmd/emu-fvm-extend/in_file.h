#ifndef IN_FILE_H
#define IN_FILE_H

#include "options.h"

/* Grows the image of -f, or reports on it. A failure ends the program. */
void in_file(const struct options *options);

#endif
