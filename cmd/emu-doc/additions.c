#include "additions.h"

#include "path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char ports[] = "expected [udp:][address:]host:guest";

static int
set(json_t *root, const char *key, json_t *value, struct reason *why)
{
	return json_object_set_new(root, key, value) < 0 ? reason_memory(why)
							 : 0;
}

/* The object's array of that key, made when absent; NULL with the reason. */
static json_t *
array(const struct document *document, json_t *object, const char *key,
    struct reason *why)
{
	json_t *list = json_object_get(object, key);

	if (list == NULL || json_is_null(list)) {
		list = json_array();
		if (set(object, key, list, why) < 0)
			return NULL;
	}
	if (json_is_array(list))
		return list;
	reason_set(why, "%s: %s: expected an array", document->name, key);
	return NULL;
}

/* Takes the value. */
static int
append(json_t *list, json_t *value, struct reason *why)
{
	return json_array_append_new(list, value) < 0 ? reason_memory(why) : 0;
}

/* The first network device of the user's own; made when there is none. */
static json_t *
user_netdev(struct document *document, struct reason *why)
{
	json_t *list = array(document, document->root, "netdevs", why);
	json_t *netdev;
	size_t i;

	if (list == NULL)
		return NULL;
	json_array_foreach(list, i, netdev)
	{
		const char *backend =
		    json_string_value(json_object_get(netdev, "backend"));

		if (backend != NULL && strcmp(backend, "user") == 0)
			return netdev;
	}
	netdev = json_pack("{s:s}", "backend", "user");
	return append(list, netdev, why) < 0 ? NULL : netdev;
}

/* The port in the first len bytes of text, 0 where it may be absent, or -1. */
static long
port(const char *text, size_t len, long least)
{
	char digits[6];
	long n = 0;

	if (len >= sizeof(digits) || strspn(text, "0123456789") < len)
		return -1;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (len > 0)
		n = strtol(digits, NULL, 10);
	return n < least || n > 65535 ? -1 : n;
}

/* [udp:][address:]host:guest; without a host, QEMU chooses a free port. */
static json_t *
forward(const char *rule, struct reason *why)
{
	bool udp = strncmp(rule, "udp:", 4) == 0;
	const char *text =
	    udp || strncmp(rule, "tcp:", 4) == 0 ? rule + 4 : rule;
	const char *last = strrchr(text, ':');

	if (last != NULL) {
		const char *host = memrchr(text, ':', (size_t)(last - text));
		size_t address = host == NULL ? 0 : (size_t)(host - text);

		host = host == NULL ? text : host + 1;
		long from = port(host, (size_t)(last - host), 0);
		long to = port(last + 1, strlen(last + 1), 1);
		json_t *value = json_pack("{s:i, s:i, s:s*, s:o*}", "host",
		    (int)from, "guest", (int)to, "protocol", udp ? "udp" : NULL,
		    "address",
		    address == 0 ? NULL : json_stringn(text, address));
		if (value != NULL && from >= 0 && to > 0 &&
		    strspn(text, "0123456789.") >= address)
			return value;
		json_decref(value);
	}
	reason_set(why, "-f %s: %s", rule, ports);
	return NULL;
}

/* [tag=]dir; a directory of that whole name has no tag. */
static json_t *
share(const char *text, size_t n, struct reason *why)
{
	const char *equals = strchr(text, '=');
	struct stat st;
	char tag[32];

	snprintf(tag, sizeof(tag), "share%zu", n);
	if (equals != NULL && equals != text && stat(text, &st) < 0) {
		snprintf(tag, sizeof(tag), "%.*s", (int)(equals - text), text);
		if ((size_t)(equals - text) >= sizeof(tag)) {
			reason_set(
			    why, "-s %s: a tag has at most 31 bytes", text);
			return NULL;
		}
		text = equals + 1;
	}
	if (stat(text, &st) < 0) {
		reason_errno(why, "-s %s", text);
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		reason_set(why, "-s %s: not a directory", text);
		return NULL;
	}
	char *path = path_absolute(NULL, text);
	json_t *value = json_pack(
	    "{s:s, s:s}", "path", path == NULL ? "" : path, "tag", tag);
	if (path != NULL && value == NULL)
		reason_set(why, "-s %s: not UTF-8", text);
	else if (path == NULL)
		reason_errno(why, "-s %s", text);
	free(path);
	return value;
}

static json_t *
word(const char *text, char option, struct reason *why)
{
	json_t *word = json_string(text);

	if (word == NULL)
		reason_set(why, "-%c %s: not UTF-8", option, text);
	return word;
}

/* Adds what the words of an option become to an array of the document's. */
static int
add_all(struct document *document, char option, const struct words *words,
    struct reason *why)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *text = words->list[i];
		json_t *value = NULL, *list = NULL;

		if (option == 'f') {
			json_t *netdev = NULL;

			value = forward(text, why);
			if (value != NULL)
				netdev = user_netdev(document, why);
			if (netdev != NULL)
				list = array(document, netdev, "forwards", why);
		} else {
			list = array(document, document->root,
			    option == 'a'   ? "args"
			    : option == 'e' ? "extra"
					    : "shares",
			    why);
			if (list != NULL)
				value = option == 's'
					    ? share(text, json_array_size(list),
						  why)
					    : word(text, option, why);
		}
		if (list == NULL || value == NULL) {
			json_decref(value);
			return -1;
		}
		if (append(list, value, why) < 0)
			return -1;
	}
	return 0;
}

/* A disk that is marked as staged is used as it is: emu-stage makes no copy. */
static int
keep_disks(struct document *document, struct reason *why)
{
	json_t *images = json_object_get(document->root, "images"), *image;
	size_t i, count = 0;

	json_array_foreach(images, i, image)
	{
		const char *type =
		    json_string_value(json_object_get(image, "type"));

		if (type == NULL || strcmp(type, "blk") != 0)
			continue;
		count++;
		if (set(image, "staged", json_true(), why) < 0)
			return -1;
	}
	return count > 0 ? 0
			 : reason_set(why, "%s: -u: no disk to write to",
			       document->name);
}

int
additions_make(struct document *document, const struct options *options,
    struct reason *why)
{
	json_t *root = document->root;
	const char *kvm = options->kvm;
	bool bad = false;

	if (options->target != NULL)
		bad |= json_object_set_new(root, "target",
			   json_string(options->target->name)) < 0;
	if (options->cpus > 0)
		bad |= json_object_set_new(
			   root, "cpu", json_integer(options->cpus)) < 0;
	if (options->memory > 0)
		bad |= json_object_set_new(
			   root, "memory", json_integer(options->memory)) < 0;
	if (kvm != NULL)
		bad |= json_object_set_new(root, "kvm",
			   strcmp(kvm, "auto") == 0
			       ? json_string(kvm)
			       : json_boolean(strcmp(kvm, "yes") == 0)) < 0;
	if (bad)
		return reason_memory(why);
	if (add_all(document, 'a', &options->args, why) < 0 ||
	    add_all(document, 'e', &options->extra, why) < 0 ||
	    add_all(document, 'f', &options->forwards, why) < 0 ||
	    add_all(document, 's', &options->shares, why) < 0)
		return -1;
	return options->keep_disks ? keep_disks(document, why) : 0;
}
