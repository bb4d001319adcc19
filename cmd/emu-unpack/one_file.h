#ifndef ONE_FILE_H
#define ONE_FILE_H

#include "unpack.h"

/* Makes the one file of -z from unpack->fd, and gives it its name. A fault ends
 * the program. */
void one_file_make(struct unpack *unpack);

#endif
