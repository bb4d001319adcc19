#ifndef SHARE_FILE_H
#define SHARE_FILE_H

/* Returns the path of one of emu's data files, such as "patterns/linux": below
 * $EMU_SHARE, if that is set; or where it exists relative to the running
 * program, which may be installed or in its build directory; or else below
 * DATADIR, whether it exists or not. The caller frees the path. Returns NULL
 * with errno set on failure. */
char *share_file(const char *name);

#endif
