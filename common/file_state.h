#ifndef FILE_STATE_H
#define FILE_STATE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether two looks at a file saw the same one, unchanged between them: device,
 * inode, size, modification and change time. The change time alone may differ
 * when the number of links does: whoever links to a file does not write to it.
 */
bool file_state_same(const struct stat *a, const struct stat *b);

#endif
