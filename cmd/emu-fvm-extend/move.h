#ifndef MOVE_H
#define MOVE_H

#include "plan.h"

/* Writes the grown volume into `to`, an empty file that messages call to_name,
 * from the plan's image, open as `from`, which is only read. The slices are
 * cloned if the file system can, and copied otherwise; bytes that belong to no
 * slice, and runs of zeros, become holes. Stores in the plan how the slices
 * were moved. A failure ends the program. */
void move_into(struct plan *plan, int from, int to, const char *to_name);

/* Grows the plan's image, open as fd, in place; a failure ends the program and
 * leaves the image damaged. The result reads the same as that of move_into. */
void move_within(struct plan *plan, int fd);

#endif
