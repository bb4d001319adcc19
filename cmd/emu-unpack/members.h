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
	int pass;     /* the last pass over the archive that had it */
	bool twice;   /* that pass had it more than once */
	bool hollow;  /* a file without bytes that has further names, of which
			 another one may have the bytes (cpio) */
	bool large;   /* it was not kept, since it is larger than max */
	bool wanted;  /* as such, or through links */
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
	uint64_t max;        /* -M, of a member in bytes */
};

/* Adds a wanted member and the name of its file; NULL means the last part of
 * the member's path. Ends the program if the name is not a file name or was
 * given before, if the path leads out of the archive, or if one of them is not
 * UTF-8. */
void members_want(
    struct members *members, const char *member, const char *name);

/* Returns what is known of a path, or NULL. */
struct member *members_find(const struct members *members, const char *path);

/* Adds something that the archive holds. If its path is known already, its kind
 * and target stay as they are. Takes over path and target, which come from
 * malloc(3). Returns what is known of the path. */
struct member *members_add(
    struct members *members, char *path, enum member_kind kind, char *target);

/* Follows the links at the end of a pass over the archive, and stores where the
 * wanted members are. Ends the program if one of them is not there, is there
 * twice, is not a file, or is a link that leads nowhere. Returns true if the
 * archive must be read once more, because the bytes of a member were skipped;
 * this ends the program when `last` is set. */
bool members_resolve(struct members *members, bool last);

#endif
