#ifndef MEMBERS_H
#define MEMBERS_H

#include "digest.h"
#include "new_files.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum member_kind {
	MEMBER_FILE,
	MEMBER_LINK,
	MEMBER_OTHER, /* a directory, a device ...: nothing to make a file of */
};

/* What was written of a file. */
struct content {
	uint64_t size;
	uint64_t written; /* the rest is holes */
	char digest[DIGEST_TEXT];
};

/* Something that the archive holds. */
struct member {
	char *path; /* see member_path.h; owned */
	enum member_kind kind;
	char *target;          /* of a link: a member's path, NULL when it
				  leads out of the archive; owned */
	struct new_file *file; /* the content; NULL when it was passed over;
				   borrowed */
	struct content content;
	bool claimed; /* the file has its final name already */
};

/* Something that is wanted out of it. */
struct wanted {
	char *member; /* path of the member; owned */
	char *name;   /* of the file to be made; owned */
	char *target; /* where the links lead, once known; owned */
	size_t found; /* index in list */
	bool is_found;
	bool digest; /* its SHA-256 is wanted too */
};

/* What an archive holds, as far as it matters, and what is wanted out of it. */
struct members {
	struct member *list;
	size_t count;
	struct wanted *wanted;
	size_t wanted_count;
	const char *archive; /* what messages call it; borrowed */
};

/* Adds a wanted member. name NULL: the last part of the member's. Names that
 * are no file names, or come twice, and members outside the archive are
 * refused. Returns 0, or -1 with the
 * reason. */
int members_want(struct members *members, const char *member, const char *name,
    bool digest, struct reason *why);

/* Adds something that the archive holds; path and target pass to it, also on
 * failure. Returns the member, valid until the next call, or NULL with the
 * reason. */
struct member *members_add(struct members *members, char *path,
    enum member_kind kind, char *target, struct reason *why);

/* Returns what wants the member of this path, by itself or through links; NULL
 * when nothing does. */
const struct wanted *members_wanting(
    const struct members *members, const char *path);

/* Tells whether everything wanted has come, links aside. */
bool members_complete(const struct members *members);

/* At the end of the archive: follows the links, and finds the content of what
 * is wanted. *again is set when some lies in members that were passed over, and
 * their paths are wanted now. Returns 0, or -1 with the reason: a member that
 * is not there, is there twice, is no file, or is reached through links that
 * lead nowhere. */
int members_resolve(struct members *members, bool *again, struct reason *why);

void members_free(struct members *members);

#endif
