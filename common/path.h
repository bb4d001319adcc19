#ifndef PATH_H
#define PATH_H

/* Returns path made absolute: joined to base, or to the current directory when
 * base is NULL; an absolute path is returned as it is. Symbolic links and ".."
 * are not resolved. The caller frees the result. Returns NULL with errno set on
 * failure. */
char *path_absolute(const char *base, const char *path);

/* Returns the directory of path as dirname(3) would, in memory of its own that
 * the caller frees. NULL with errno set on failure. */
char *path_directory(const char *path);

/* Opens the directory of path. Stores the last component, which lies in path.
 * Returns a descriptor, CLOEXEC, or -1 with errno set. */
int path_open_parent(const char *path, const char **name);

#endif
