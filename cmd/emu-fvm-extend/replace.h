#ifndef REPLACE_H
#define REPLACE_H

#include "reason.h"
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
 * is what is not a regular file or could not be replaced for all its names.
 * Returns 0, or -1 with the reason; replace_close either way. */
int replace_open(struct replace *replace, const char *name, double scale,
    struct reason *why);

/* Makes the new version, replace->new.fd, empty. Returns 0, or -1 with the
 * reason. */
int replace_begin(struct replace *replace, struct reason *why);

/* Gives the new version the owner, mode and extended attributes of the old one
 * and puts it in its place, durably, unless the old one has been written to
 * meanwhile. Returns 0, or -1 with the reason. */
int replace_commit(struct replace *replace, struct reason *why);

void replace_close(struct replace *replace);

#endif
