#include "additions.h"

#include "../fatal.h"
#include "../memory.h"
#include "json_text.h"
#include "own_path.h"
#include "value.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The object's array of that key, made when absent. */
static json_t *
array(const struct document *document, json_t *object, const char *key)
{
	json_t *list = json_object_get(object, key);

	if (list == NULL || json_is_null(list)) {
		list = json_array();
		value_set(object, key, list);
	}
	if (!json_is_array(list))
		fatal("%s: %s: expected an array", document->name, key);
	return list;
}

/* The first network device of the user's own; made when there is none. */
static json_t *
user_netdev(struct document *document)
{
	json_t *list = array(document, document->root, "netdevs");
	json_t *netdev;
	size_t i;

	json_array_foreach(list, i, netdev)
	{
		if (strcmp(json_text_at(netdev, "backend"), "user") == 0)
			return netdev;
	}
	netdev = json_pack("{s:s}", "backend", "user");
	value_append(list, netdev);
	return netdev;
}

/* Returns the port that the text is, 0 for "", or -1. */
static int
port(const char *text)
{
	size_t len = strlen(text);
	long n = strtol(text, NULL, 10);

	return len > 5 || strspn(text, "0123456789") < len || n > 65535
		   ? -1
		   : (int)n;
}

/* [udp:][address:]host:guest; without a host, QEMU chooses a free port. */
static void
add_forward(struct document *document, const char *rule)
{
	bool udp = strncmp(rule, "udp:", 4) == 0;
	bool tcp = strncmp(rule, "tcp:", 4) == 0;
	char *text = memory_got(strdup(udp || tcp ? rule + 4 : rule));
	char *guest = strrchr(text, ':'), *host = text, *colon = NULL;

	if (guest != NULL) {
		*guest++ = '\0';
		colon = strrchr(text, ':');
	}
	if (colon != NULL) {
		*colon = '\0';
		host = colon + 1;
	}
	if (guest == NULL || port(guest) < 1 || port(host) < 0 ||
	    (colon != NULL && text[strspn(text, "0123456789.")] != '\0'))
		fatal("-f %s: expected [udp:][address:]host:guest", rule);
	value_append(array(document, user_netdev(document), "forwards"),
	    json_pack("{s:i, s:i, s:s*, s:s*}", "host", port(host), "guest",
		port(guest), "protocol", udp ? "udp" : NULL, "address",
		colon == NULL || text[0] == '\0' ? NULL : text));
	free(text);
}

/* [tag=]dir; a directory of that whole name has no tag. */
static void
add_share(struct document *document, const char *text)
{
	json_t *list = array(document, document->root, "shares");
	const char *equals = strchr(text, '=');
	struct stat st;
	char tag[32];

	snprintf(tag, sizeof(tag), "share%zu", json_array_size(list));
	if (equals != NULL && equals != text && stat(text, &st) < 0) {
		snprintf(tag, sizeof(tag), "%.*s", (int)(equals - text), text);
		if ((size_t)(equals - text) >= sizeof(tag))
			fatal("-s %s: a tag has at most 31 bytes", text);
		text = equals + 1;
	}
	if (stat(text, &st) < 0)
		fatal("-s %s: %s", text, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		fatal("-s %s: not a directory", text);
	value_append(list, json_pack("{s:o, s:s}", "path",
			       value_path(NULL, text), "tag", tag));
}

/* Adds the strings to the array of that key. */
static void
add_words(struct document *document, const char *key, json_t *words)
{
	if (json_array_size(words) > 0 &&
	    json_array_extend(array(document, document->root, key), words) < 0)
		fatal_memory();
}

/* What another user's link leads to is no disk that the caller named. */
static void
check_link(const char *path)
{
	struct own_path own;

	if (own_path_find(&own, path) < 0)
		fatal_errno(path);
	if (S_ISLNK(own.type))
		fatal("%s: -u: a symbolic link of another user", path);
	free(own.path);
}

/* A disk that is marked as staged is used as it is: emu-stage makes no copy. */
static void
keep_disks(struct document *document)
{
	json_t *images = json_object_get(document->root, "images"), *image;
	size_t i, count = 0;

	json_array_foreach(images, i, image)
	{
		if (strcmp(json_text_at(image, "type"), "blk") != 0)
			continue;
		count++;
		check_link(json_text_at(image, "path"));
		value_set(image, "staged", json_true());
	}
	if (count == 0)
		fatal("%s: -u: no disk to write to", document->name);
}

void
additions_make(struct document *document, const struct options *options)
{
	size_t i;
	json_t *text;

	if (json_object_update(document->root, options->keys) < 0)
		fatal_memory();
	add_words(document, "args", options->args);
	add_words(document, "extra", options->extra);
	json_array_foreach(options->forwards, i, text)
	    add_forward(document, json_string_value(text));
	json_array_foreach(options->shares, i, text)
	    add_share(document, json_string_value(text));
	if (options->keep_disks)
		keep_disks(document);
}
