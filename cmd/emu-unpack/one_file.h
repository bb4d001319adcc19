#ifndef ONE_FILE_H
#define ONE_FILE_H

#include "reason.h"
#include "unpack.h"

/* Makes the one file of -z. Returns 0, or -1 with the reason. */
int one_file_make(struct unpack *unpack, struct reason *why);

#endif
