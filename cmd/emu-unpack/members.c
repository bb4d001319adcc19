#include "members.h"

#include "../fatal.h"
#include "../memory.h"
#include "member_path.h"
#include "utf8.h"

#include <inttypes.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MEMBERS_MAX = 1 << 20,
	LINKS_MAX = 40, /* on one way, as the kernel has it */
};

static int
compare_paths(const void *a, const void *b)
{
	const struct member *m = a, *n = b;

	return strcmp(m->path, n->path);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct member *
members_find(const struct members *members, const char *path)
{
	union {
		const char *in;
		char *out;
	} key = {path};
	const struct member wanted = {.path = key.out};
	struct member *const *node =
	    tfind(&wanted, &members->by_path, compare_paths);

	return node == NULL ? NULL : *node;
}

/* Finds or adds what is known of a path, which passes to it. */
static struct member *
know(struct members *members, char *path)
{
	struct member *known = members_find(members, path);

	if (known != NULL) {
		free(path);
		return known;
	}
	if (members->count++ >= MEMBERS_MAX)
		fatal("%s: too many members", members->archive);
	struct member *member = memory_got(calloc(1, sizeof(*member)));
	member->path = path;
	memory_got(tsearch(member, &members->by_path, compare_paths));
	return member;
}

/* Marks the member where a wanted one's links lead. */
static struct member *
mark(struct members *members, const struct wanted *wanted)
{
	struct member *member =
	    know(members, memory_got(strdup(wanted->target)));

	if (!member->wanted && (member->content.file == NULL || member->hollow))
		members->missing++;
	member->wanted = true;
	return member;
}

static void
check_utf8(const struct members *members, const char *text)
{
	if (!utf8_is(text))
		fatal("%s: %s: not UTF-8", members->archive, text);
}

static void
check_name(struct members *members, const char *name)
{
	check_utf8(members, name);
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strchr(name, '/') != NULL ||
	    strlen(name) > NAME_MAX)
		fatal("\"%s\": not a file name", name);
	if (tfind(name, &members->by_name, compare_names) != NULL)
		fatal("%s: requested twice", name);
}

void
members_want(struct members *members, const char *member, const char *name)
{
	char *path = member_path_link("", member + strspn(member, "/"));

	if (path == NULL)
		fatal("%s: %s: leads out of the archive", members->archive,
		    member);
	if (name == NULL) {
		const char *slash = strrchr(path, '/');

		name = slash == NULL ? path : slash + 1;
	}
	check_utf8(members, path);
	check_name(members, name);
	members->list =
	    memory_grow(members->list, members->wanted, sizeof(*members->list));
	struct wanted *wanted = &members->list[members->wanted++];
	*wanted = (struct wanted){.member = path,
	    .target = memory_got(strdup(path)),
	    .name = memory_got(strdup(name))};
	memory_got(tsearch(wanted->name, &members->by_name, compare_names));
	mark(members, wanted);
}

struct member *
members_add(
    struct members *members, char *path, enum member_kind kind, char *target)
{
	struct member *member = know(members, path);

	if (member->kind != MEMBER_UNKNOWN) {
		free(target);
	} else {
		member->kind = kind;
		member->target = target;
	}
	member->twice = member->pass == members->pass;
	member->pass = members->pass;
	return member;
}

/* The first link that lies on the way to path, or NULL; *len is how much of it.
 */
static const struct member *
link_on(const struct members *members, const char *path, size_t *len)
{
	char *way = memory_got(strdup(path));
	const struct member *m = NULL;

	for (*len = 0; m == NULL && path[*len] != '\0';) {
		*len += path[*len] == '/';
		*len += strcspn(path + *len, "/");
		way[*len] = '\0';
		m = members_find(members, way);
		if (m != NULL && m->kind != MEMBER_LINK)
			m = NULL;
		way[*len] = path[*len];
	}
	free(way);
	return m;
}

/* Follows the links on the way of one wanted member. */
static void
follow(const struct members *members, struct wanted *wanted)
{
	const struct member *link;
	size_t len;

	for (int steps = 0;
	     (link = link_on(members, wanted->target, &len)) != NULL; steps++) {
		if (link->target == NULL)
			fatal("%s: %s: is a link that leads out of the archive",
			    members->archive, wanted->member);
		if (steps >= LINKS_MAX)
			fatal("%s: %s: too many links", members->archive,
			    wanted->member);
		char *path =
		    memory_format("%s%s", link->target, wanted->target + len);
		free(wanted->target);
		wanted->target = path;
	}
}

/* Tells what is wrong with the member that is to be the content of a wanted
 * one. `last` is set when nothing more will come. */
static void
check_found(
    const struct members *members, const struct wanted *wanted, bool last)
{
	const struct member *m = wanted->found;

	if (m->twice)
		fatal("%s: %s: is there twice", members->archive, m->path);
	if (m->kind == MEMBER_OTHER)
		fatal("%s: %s: not a file", members->archive, m->path);
	if (m->content.file != NULL)
		return;
	if (m->large)
		fatal("%s: %s: larger than %" PRIu64 " bytes", members->archive,
		    m->path, members->max);
	if (strcmp(wanted->target, wanted->member) == 0 &&
	    m->kind == MEMBER_UNKNOWN)
		fatal("%s: %s: not in the archive", members->archive,
		    wanted->member);
	if (last)
		fatal("%s: %s: leads to %s, which is not in the archive",
		    members->archive, wanted->member, wanted->target);
}

bool
members_resolve(struct members *members, bool last)
{
	bool again = false;

	for (size_t i = 0; i < members->wanted; i++) {
		struct wanted *wanted = &members->list[i];

		follow(members, wanted);
		wanted->found = mark(members, wanted);
		check_found(members, wanted, last);
		again |= wanted->found->content.file == NULL;
	}
	return again;
}
