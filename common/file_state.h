#ifndef FILE_STATE_H
#define FILE_STATE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether two calls of stat(2) saw the same file, unchanged in between: device,
 * inode, size, modification and change time are the same. The change time may
 * differ if the number of links does, because linking does not change the
 * content.
 */
bool file_state_same(const struct stat *a, const struct stat *b);

#endif
