#ifndef ONE_FILE_H
#define ONE_FILE_H

#include "unpack.h"

/* Makes the one file of -z. */
void one_file_make(struct unpack *unpack);

#endif
