#ifndef ZBI_LIST_H
#define ZBI_LIST_H

/* Prints what a ZBI holds as JSON on stdout: a list of items with type, offset,
 * length, extra and flags; the text of a command line, and the name of a boot
 * loader's file. */
void zbi_list(const char *path);

#endif
