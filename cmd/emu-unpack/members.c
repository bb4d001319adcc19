#include "members.h"

#include "member_path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	MEMBERS_MAX = 1 << 18,
	LINKS_MAX = 40, /* on one way, as the kernel has it */
};

/* Room in an array of count elements is doubled at every power of two. */
static void *
grow(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return array;
	return reallocarray(array, count > 0 ? 2 * count : 1, size);
}

static int
check_name(const struct members *members, const char *name, struct reason *why)
{
	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strchr(name, '/') != NULL ||
	    strlen(name) > NAME_MAX)
		return reason_set(why, "\"%s\": not a file name", name);
	for (size_t i = 0; i < members->wanted_count; i++) {
		if (strcmp(members->wanted[i].name, name) == 0)
			return reason_set(why, "%s: wanted twice", name);
	}
	return 0;
}

int
members_want(struct members *members, const char *member, const char *name,
    bool digest, struct reason *why)
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
	if (check_name(members, name, why) < 0) {
		free(path);
		return -1;
	}
	struct wanted *wanted =
	    grow(members->wanted, members->wanted_count, sizeof(*wanted));
	if (wanted != NULL) {
		members->wanted = wanted;
		wanted += members->wanted_count;
		*wanted = (struct wanted){
		    .member = path, .name = strdup(name), .digest = digest};
		wanted->target = strdup(path);
		members->wanted_count++;
		if (wanted->name != NULL && wanted->target != NULL)
			return 0;
		return reason_memory(why);
	}
	free(path);
	return reason_memory(why);
}

struct member *
members_add(struct members *members, char *path, enum member_kind kind,
    char *target, struct reason *why)
{
	struct member *list = NULL;

	if (members->count >= MEMBERS_MAX) {
		reason_set(why, "%s: too many members", members->archive);
	} else {
		list = grow(members->list, members->count, sizeof(*list));
		if (list == NULL)
			reason_memory(why);
	}
	if (list == NULL) {
		free(path);
		free(target);
		return NULL;
	}
	members->list = list;
	list += members->count++;
	*list = (struct member){.path = path, .kind = kind, .target = target};
	return list;
}

const struct wanted *
members_wanting(const struct members *members, const char *path)
{
	for (size_t i = 0; i < members->wanted_count; i++) {
		const struct wanted *wanted = &members->wanted[i];

		if (!wanted->is_found && strcmp(wanted->target, path) == 0)
			return wanted;
	}
	return NULL;
}

/* The index of the member of this path, the list's length for none. */
static size_t
find(const struct members *members, const char *path, size_t from)
{
	size_t i = from;

	while (i < members->count && strcmp(members->list[i].path, path) != 0)
		i++;
	return i;
}

bool
members_complete(const struct members *members)
{
	for (size_t i = 0; i < members->wanted_count; i++) {
		size_t at = find(members, members->wanted[i].target, 0);

		if (at == members->count || members->list[at].file == NULL)
			return false;
	}
	return true;
}

/* The first link that lies on the way to path; *len is how much of it. */
static const struct member *
link_on(const struct members *members, const char *path, size_t *len)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct member *m = &members->list[i];
		size_t n = strlen(m->path);

		if (m->kind == MEMBER_LINK && strncmp(m->path, path, n) == 0 &&
		    (path[n] == '\0' || path[n] == '/')) {
			*len = n;
			return m;
		}
	}
	return NULL;
}

/* Follows the links on the way of one wanted member. */
static int
follow(const struct members *members, struct wanted *wanted, struct reason *why)
{
	const struct member *link;
	size_t len;
	int steps = 0;

	while ((link = link_on(members, wanted->target, &len)) != NULL) {
		if (link->target == NULL)
			return reason_set(why,
			    "%s: %s: is a link that leads out of the archive",
			    members->archive, wanted->member);
		if (++steps > LINKS_MAX)
			return reason_set(why, "%s: %s: too many links",
			    members->archive, wanted->member);
		size_t n = strlen(link->target);
		const char *rest = wanted->target + len;
		char *path = malloc(n + strlen(rest) + 1);
		if (path == NULL)
			return reason_memory(why);
		memcpy(path, link->target, n);
		memcpy(path + n, rest, strlen(rest) + 1);
		free(wanted->target);
		wanted->target = path;
	}
	return 0;
}

/* Finds the content of one wanted member, its links being followed. */
static int
resolve(struct members *members, struct wanted *wanted, bool *again,
    struct reason *why)
{
	size_t at = find(members, wanted->target, 0);
	const struct member *m =
	    at < members->count ? &members->list[at] : NULL;
	bool direct = strcmp(wanted->target, wanted->member) == 0;

	if (m != NULL && find(members, wanted->target, at + 1) < members->count)
		return reason_set(why, "%s: %s: is there twice",
		    members->archive, wanted->target);
	if (m == NULL && direct)
		return reason_set(why, "%s: %s: not in the archive",
		    members->archive, wanted->member);
	if (m != NULL && m->kind == MEMBER_OTHER)
		return reason_set(why, "%s: %s: not a file", members->archive,
		    wanted->target);
	wanted->is_found = m != NULL && m->file != NULL;
	wanted->found = at;
	if (!wanted->is_found)
		*again = true;
	return 0;
}

/* What was passed over comes again, and is not there twice for that. */
static void
forget_passed(struct members *members)
{
	for (size_t i = 0; i < members->count; i++) {
		struct member *m = &members->list[i];

		if (m->kind == MEMBER_FILE && m->file == NULL)
			m->path[0] = '\0';
	}
}

int
members_resolve(struct members *members, bool *again, struct reason *why)
{
	bool second = *again;

	*again = false;
	for (size_t i = 0; i < members->wanted_count; i++) {
		struct wanted *wanted = &members->wanted[i];

		if (wanted->is_found)
			continue;
		if (follow(members, wanted, why) < 0 ||
		    resolve(members, wanted, again, why) < 0)
			return -1;
		if (second && !wanted->is_found)
			return reason_set(why,
			    "%s: %s: leads to %s, which is not in the archive",
			    members->archive, wanted->member, wanted->target);
	}
	if (*again)
		forget_passed(members);
	return 0;
}

void
members_free(struct members *members)
{
	for (size_t i = 0; i < members->count; i++) {
		free(members->list[i].path);
		free(members->list[i].target);
	}
	for (size_t i = 0; i < members->wanted_count; i++) {
		free(members->wanted[i].member);
		free(members->wanted[i].name);
		free(members->wanted[i].target);
	}
	free(members->list);
	free(members->wanted);
	*members = (struct members){0};
}
