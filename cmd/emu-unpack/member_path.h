#ifndef MEMBER_PATH_H
#define MEMBER_PATH_H

/* Returns the name of a member without leading slashes, empty and "." parts,
 * and a slash at the end. Other parts, also "..", stay as they are. The caller
 * frees the result. */
char *member_path(const char *name);

/* Returns the path that a link leads to: target, joined to the directory of the
 * member at path, with its ".." parts resolved. Returns NULL if target is
 * absolute or leads out of the archive. The caller frees the result. */
char *member_path_link(const char *path, const char *target);

#endif
