#ifndef OWN_PATH_H
#define OWN_PATH_H

#include <sys/types.h>

/* The file that a path of the caller's stands for, also where others can write:
 * symbolic links of the caller and of root are followed, those of other users
 * are not. */
struct own_path {
	char *path;  /* the caller frees it, also after a failure */
	int follow;  /* for open(2): O_NOFOLLOW, or 0 for a link of /proc */
	mode_t type; /* S_IFREG ...; S_IFLNK: another user's; 0: nothing */
};

/* Finds the file. Returns 0, also when there is none, or -1 with errno. */
int own_path_find(struct own_path *target, const char *path);

#endif
