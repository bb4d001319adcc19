#ifndef MEMBERS_H
#define MEMBERS_H

#include "../new_files.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum member_kind {
	MEMBER_UNKNOWN, /* it has not come */
	MEMBER_FILE,
	MEMBER_LINK,
	MEMBER_OTHER, /* a directory, a device ...: nothing to make a file of */
};

/* What was written of a file. */
struct content {
	struct new_file *file; /* NULL: nothing was; borrowed */
	uint64_t at;           /* where it starts in that file */
	uint64_t size;
	uint64_t written; /* the rest is holes */
};

/* Something that the archive holds, or that is wanted out of it. */
struct member {
	char *path; /* see member_path.h; owned */
	enum member_kind kind;
	char *target; /* of a link: a member's path, NULL when it leads out of
			 the archive; owned */
	int pass;     /* over the archive in which it came last */
	bool twice;   /* came more than once in it */
	bool hollow;  /* a file without bytes that has further names: with one
			 of them the bytes may come (cpio) */
	bool wanted;  /* by itself or through links */
	struct content content;
};

/* A file to be made. */
struct wanted {
	char *member; /* path of the member; owned */
	char *name;   /* of the file; owned */
	char *target; /* the path where the links lead, as far as they are
			 known; owned */
	struct member *found; /* what is there */
};

/* What an archive holds, as far as it matters, and what is wanted out of it. */
struct members {
	void *by_path; /* struct member, of tsearch(3) */
	void *by_name; /* the names in list, of tsearch(3) */
	size_t count;
	struct wanted *list;
	size_t wanted;
	size_t missing; /* members that are wanted, whose bytes have not come */
	int pass;
	const char *archive; /* what messages call it; borrowed */
};

/* Adds a wanted member. name NULL: the last part of the member's. Refused are
 * names that are no file names or come twice, members outside the archive, and
 * what is not UTF-8. */
void members_want(
    struct members *members, const char *member, const char *name);

/* Returns what is known of a path, or NULL. */
struct member *members_find(const struct members *members, const char *path);

/* Notes something that the archive holds: the first one of a path counts. path
 * and target pass to it. */
struct member *members_add(
    struct members *members, char *path, enum member_kind kind, char *target);

/* Notes that a file's bytes have been written. */
void members_fill(struct members *members, struct member *member,
    const struct content *content);

/* At the end of the archive: follows the links, and finds what is wanted.
 * Refuses a member that is not there, is there twice, is no file, or is reached
 * through links that lead nowhere. Returns whether some lies in members that
 * were passed over, which are wanted now; not after the last pass. */
bool members_resolve(struct members *members, bool last);

void members_free(struct members *members);

#endif
