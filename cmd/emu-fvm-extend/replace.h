#ifndef REPLACE_H
#define REPLACE_H

#include "whole_file.h"

#include <sys/stat.h>

/* A file that is to be replaced by a new version of itself, so that its path
 * holds at every instant the whole old or the whole new one. */
struct replace {
	const char *name; /* as given, for messages; borrowed */
	int directory;    /* the one that holds the file itself */
	char *base;       /* its name there */
	int old;          /* the old version, locked */
	struct stat st;   /* of the old version */
	struct whole_file new;
};

/* Opens the file (symbolic links are followed) and locks it; another process
 * that replaces it at the moment is waited for, a minute times `scale`. Refused
 * is what is not a regular file or could not be replaced for all its names. A
 * failure of these functions ends the program, and nothing is left of the new
 * version. */
void replace_open(struct replace *replace, const char *name, double scale);

/* Makes the new version, replace->new.fd, empty. */
void replace_begin(struct replace *replace);

/* Gives the new version the owner, mode and extended attributes of the old one
 * and puts it in its place, durably, unless the old one has been written to
 * meanwhile. */
void replace_commit(struct replace *replace);

void replace_close(struct replace *replace);

#endif
