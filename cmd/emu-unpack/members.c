#include "members.h"

#include "member_path.h"
#include "utf8.h"

#include <errno.h>
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

static void
free_member(void *node)
{
	struct member *member = node;

	free(member->path);
	free(member->target);
	free(member);
}

static void
free_nothing(void *node)
{
	(void)node;
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

/* Finds or adds what is known of a path, which passes to it, also on failure.
 */
static struct member *
know(struct members *members, char *path, struct reason *why)
{
	struct member *known =
	    path == NULL ? NULL : members_find(members, path);
	struct member *member;

	if (known != NULL) {
		free(path);
		return known;
	}
	if (members->count >= MEMBERS_MAX) {
		reason_set(why, "%s: too many members", members->archive);
		free(path);
		return NULL;
	}
	member = calloc(1, sizeof(*member));
	if (member == NULL || path == NULL)
		goto fail;
	member->path = path;
	if (tsearch(member, &members->by_path, compare_paths) == NULL)
		goto fail;
	members->count++;
	return member;
fail:
	reason_memory(why);
	free(path);
	free(member);
	return NULL;
}

/* Marks the member where a wanted one's links lead. */
static struct member *
mark(struct members *members, const struct wanted *wanted, struct reason *why)
{
	struct member *member = know(members, strdup(wanted->target), why);

	if (member == NULL)
		return NULL;
	if (!member->wanted && (member->content.file == NULL || member->hollow))
		members->missing++;
	member->wanted = true;
	return member;
}

static int
check_utf8(const struct members *members, const char *text, struct reason *why)
{
	return utf8_is(text) ? 0
			     : reason_set(why, "%s: %s: not UTF-8",
				   members->archive, text);
}

static int
check_name(struct members *members, const char *name, struct reason *why)
{
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strchr(name, '/') != NULL ||
	    strlen(name) > NAME_MAX)
		return reason_set(why, "\"%s\": not a file name", name);
	if (tfind(name, &members->by_name, compare_names) != NULL)
		return reason_set(why, "%s: requested twice", name);
	return 0;
}

/* Room in the list is doubled at every power of two. */
static struct wanted *
grow(struct members *members)
{
	size_t n = members->wanted;

	if ((n & (n - 1)) == 0) {
		struct wanted *list = reallocarray(
		    members->list, n > 0 ? 2 * n : 1, sizeof(*list));

		if (list == NULL)
			return NULL;
		members->list = list;
	}
	return &members->list[n];
}

static int
want(struct members *members, const char *path, const char *name,
    struct reason *why)
{
	struct wanted *wanted = grow(members);

	if (wanted == NULL)
		return reason_memory(why);
	members->wanted++;
	*wanted = (struct wanted){.member = strdup(path),
	    .target = strdup(path),
	    .name = strdup(name)};
	if (wanted->member == NULL || wanted->target == NULL ||
	    wanted->name == NULL ||
	    tsearch(wanted->name, &members->by_name, compare_names) == NULL)
		return reason_memory(why);
	return mark(members, wanted, why) == NULL ? -1 : 0;
}

int
members_want(struct members *members, const char *member, const char *name,
    struct reason *why)
{
	char *path = member_path_link("", member + strspn(member, "/"));

	if (path == NULL && errno != 0)
		return reason_memory(why);
	if (path == NULL)
		return reason_set(why, "%s: %s: leads out of the archive",
		    members->archive, member);
	if (name == NULL) {
		const char *slash = strrchr(path, '/');

		name = slash == NULL ? path : slash + 1;
	}
	int r = check_utf8(members, path, why);
	if (r == 0)
		r = check_utf8(members, name, why);
	if (r == 0)
		r = check_name(members, name, why);
	if (r == 0)
		r = want(members, path, name, why);
	free(path);
	return r;
}

struct member *
members_add(struct members *members, char *path, enum member_kind kind,
    char *target, struct reason *why)
{
	struct member *member = know(members, path, why);

	if (member == NULL || member->kind != MEMBER_UNKNOWN) {
		free(target);
	} else {
		member->kind = kind;
		member->target = target;
	}
	if (member != NULL) {
		member->twice = member->pass == members->pass;
		member->pass = members->pass;
	}
	return member;
}

void
members_fill(struct members *members, struct member *member,
    const struct content *content)
{
	member->content = *content;
	if (member->wanted && !member->hollow)
		members->missing--;
}

/* The first link that lies on the way to path; *len is how much of it. */
static int
link_on(const struct members *members, const char *path, size_t *len,
    const struct member **link, struct reason *why)
{
	char *way = strdup(path);

	*link = NULL;
	if (way == NULL)
		return reason_memory(why);
	for (*len = 0; *link == NULL && path[*len] != '\0';) {
		*len += path[*len] == '/';
		*len += strcspn(path + *len, "/");
		way[*len] = '\0';
		const struct member *m = members_find(members, way);
		if (m != NULL && m->kind == MEMBER_LINK)
			*link = m;
		way[*len] = path[*len];
	}
	free(way);
	return 0;
}

/* Follows the links on the way of one wanted member. */
static int
follow(const struct members *members, struct wanted *wanted, struct reason *why)
{
	const struct member *link;
	size_t len;

	for (int steps = 0;; steps++) {
		char *path;

		if (link_on(members, wanted->target, &len, &link, why) < 0)
			return -1;
		if (link == NULL)
			return 0;
		if (link->target == NULL)
			return reason_set(why,
			    "%s: %s: is a link that leads out of the archive",
			    members->archive, wanted->member);
		if (steps >= LINKS_MAX)
			return reason_set(why, "%s: %s: too many links",
			    members->archive, wanted->member);
		if (asprintf(
			&path, "%s%s", link->target, wanted->target + len) < 0)
			return reason_memory(why);
		free(wanted->target);
		wanted->target = path;
	}
}

/* Tells what is wrong with the member that is to be the content of a wanted
 * one. `last` is set when nothing more will come. */
static int
check_found(const struct members *members, const struct wanted *wanted,
    bool last, struct reason *why)
{
	const struct member *m = wanted->found;

	if (m->twice)
		return reason_set(
		    why, "%s: %s: is there twice", members->archive, m->path);
	if (m->kind == MEMBER_OTHER)
		return reason_set(
		    why, "%s: %s: not a file", members->archive, m->path);
	if (m->content.file != NULL)
		return 0;
	if (strcmp(wanted->target, wanted->member) == 0 &&
	    m->kind == MEMBER_UNKNOWN)
		return reason_set(why, "%s: %s: not in the archive",
		    members->archive, wanted->member);
	if (last)
		return reason_set(why,
		    "%s: %s: leads to %s, which is not in the archive",
		    members->archive, wanted->member, wanted->target);
	return 0;
}

int
members_resolve(struct members *members, bool *again, struct reason *why)
{
	bool last = *again;

	*again = false;
	for (size_t i = 0; i < members->wanted; i++) {
		struct wanted *wanted = &members->list[i];

		if (follow(members, wanted, why) < 0 ||
		    (wanted->found = mark(members, wanted, why)) == NULL ||
		    check_found(members, wanted, last, why) < 0)
			return -1;
		if (wanted->found->content.file == NULL)
			*again = true;
	}
	return 0;
}

void
members_free(struct members *members)
{
	tdestroy(members->by_path, free_member);
	tdestroy(members->by_name, free_nothing);
	for (size_t i = 0; i < members->wanted; i++) {
		free(members->list[i].member);
		free(members->list[i].name);
		free(members->list[i].target);
	}
	free(members->list);
	*members = (struct members){0};
}
