#ifndef MEMBER_PATH_H
#define MEMBER_PATH_H

/* Returns the name of an archive's member without what does not count: leading
 * slashes, empty and "." parts, a slash at the end. Other parts, ".." too, stay
 * as they are. The caller frees it. */
char *member_path(const char *name);

/* Returns where a link in the member at path leads: target, taken from the
 * member's directory, with its ".." parts resolved. NULL when it is absolute or
 * leads out of the archive. The caller frees it. */
char *member_path_link(const char *path, const char *target);

#endif
