#ifndef SHARE_FILE_H
#define SHARE_FILE_H

/* Returns the path of a data file of emu's, such as "patterns/linux": below
 * $EMU_SHARE when that is set, else where it is beside the running program
 * (installed, or in the tree that it was built in), else below DATADIR, where
 * it may be missing. The caller frees it. NULL with errno set on failure. */
char *share_file(const char *name);

#endif
