#include "probe.h"

#include "introspect.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word, or a value, and where it came from. */
struct term {
	const char *text, *origin;
};

/* The value's first part: "q35" of "q35,accel=kvm". */
static int
first_part(const char *value)
{
	return (int)strcspn(value, ",");
}

static bool
plain_name(const char *name, int len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return len > 0 && strspn(name, plain) >= (size_t)len;
}

/* True when a line of the text begins with the word. */
static bool
begins_line(const char *text, const char *word, int len)
{
	for (const char *p = text; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, word, (size_t)len) == 0 &&
		    (p[len] == ' ' || p[len] == '\n' || p[len] == '\r' ||
			p[len] == '\0'))
			return true;
	}
	return false;
}

static int
unknown(const struct introspect *emulator, const struct term *word,
    const char *what, const char *name, int len, struct reason *why)
{
	bool table =
	    strcmp(what, "machine") == 0 && strcmp(word->origin, "target") == 0;

	return reason_set(why, "%s: %s %s has no %s \"%.*s\"%s", word->origin,
	    emulator->name, emulator->version, what, len, name,
	    table ? "; \"machine\" chooses another" : "");
}

/* Checks the keys of "type,key=value,..." against a list of properties. */
static int
check_properties(const struct introspect *emulator, const struct term *word,
    const json_t *properties, const char *what, struct reason *why)
{
	static const char always[] = " id bus type accel ";
	const char *value = word->text;

	for (const char *p = value + first_part(value); *p == ',';
	     p += strcspn(p, ",")) {
		char spaced[64];

		p++;
		if (*p == ',') { /* a doubled comma is text */
			p++;
			continue;
		}
		int len = (int)strcspn(p, "=,");
		snprintf(spaced, sizeof(spaced), " %.*s ", len, p);
		if (p[len] != '=' || strstr(always, spaced) != NULL ||
		    introspect_listed(properties, p, len))
			continue;
		return reason_set(why,
		    "%s: %s %s: %s \"%.*s\" has no property \"%.*s\"",
		    word->origin, emulator->name, emulator->version, what,
		    first_part(value), value, len, p);
	}
	return 0;
}

/* The type of a machine: the canonical name behind an alias, "-machine". */
static char *
machine_type(const struct introspect *emulator, const char *name, int len)
{
	const json_t *list = introspect_answer(emulator, "query-machines");
	char *type = NULL;

	for (size_t i = 0; i < json_array_size(list) && type == NULL; i++) {
		const json_t *element = json_array_get(list, i);
		const char *full =
		    json_string_value(json_object_get(element, "name"));
		const char *alias =
		    json_string_value(json_object_get(element, "alias"));
		bool is = (full != NULL && strlen(full) == (size_t)len &&
			      memcmp(full, name, (size_t)len) == 0) ||
			  (alias != NULL && strlen(alias) == (size_t)len &&
			      memcmp(alias, name, (size_t)len) == 0);

		if (is && asprintf(&type, "%s-machine", full) < 0)
			return NULL;
	}
	return type;
}

static int
check_machine(struct introspect *emulator, const char *program,
    const struct term *word, struct reason *why)
{
	const char *value = word->text;
	int len = first_part(value), result = 0;
	char query[256];
	FILE *out;

	if (!introspect_listed(
		introspect_answer(emulator, "query-machines"), value, len))
		return unknown(emulator, word, "machine", value, len, why);
	char *type = machine_type(emulator, value, len);
	if (value[len] == '\0' || type == NULL)
		goto out;
	out = fmemopen(query, sizeof(query), "w");
	if (out == NULL)
		goto out;
	introspect_query(out, "qom-list-properties", type, (int)strlen(type));
	fclose(out);
	result = introspect_converse(emulator, program, query, why);
	if (result == 0 && introspect_answer(emulator, type) != NULL)
		result = check_properties(emulator, word,
		    introspect_answer(emulator, type), "machine", why);
out:
	free(type);
	return result;
}

static int
check_device(const struct introspect *emulator, const struct term *word,
    struct reason *why)
{
	int len = first_part(word->text);
	char name[128];

	snprintf(name, sizeof(name), "%.*s", len, word->text);
	if (!introspect_listed(
		introspect_answer(emulator, "qom-list-types"), word->text, len))
		return unknown(emulator, word, "device", word->text, len, why);
	if (introspect_answer(emulator, name) == NULL)
		return 0;
	return check_properties(
	    emulator, word, introspect_answer(emulator, name), "device", why);
}

/* Some emulators do not list their CPUs, but all have a type for each. */
static bool
has_cpu(const struct introspect *emulator, const char *name, int len)
{
	const json_t *list =
	    introspect_answer(emulator, "query-cpu-definitions");
	const json_t *types = introspect_answer(emulator, "qom-list-types");

	if (list != NULL)
		return introspect_listed(list, name, len);
	for (size_t i = 0; i < json_array_size(types); i++) {
		const char *type = json_string_value(
		    json_object_get(json_array_get(types, i), "name"));
		size_t n = type == NULL ? 0 : strlen(type);

		if (n > (size_t)len + 4 &&
		    memcmp(type, name, (size_t)len) == 0 && type[len] == '-' &&
		    strcmp(type + n - 4, "-cpu") == 0)
			return true;
	}
	return false;
}

/* A value whose first part is the name of a type, with something around. */
struct type_option {
	const char *option, *what, *before, *after;
};

static const struct type_option type_options[] = {
    {"-accel", "accelerator", "", "-accel"},
    {"-object", "object", "", ""},
    {"-chardev", "chardev", "chardev-", ""},
};

static int
check_value(struct introspect *emulator, const char *program,
    const char *option, const struct term *word, struct reason *why)
{
	int len = first_part(word->text);
	char name[128];

	if (strcmp(option, "-machine") == 0)
		return check_machine(emulator, program, word, why);
	if (strcmp(option, "-device") == 0)
		return check_device(emulator, word, why);
	if (strcmp(option, "-cpu") == 0 && !has_cpu(emulator, word->text, len))
		return unknown(emulator, word, "CPU", word->text, len, why);
	if (strcmp(option, "-netdev") == 0 && emulator->netdevs != NULL &&
	    !begins_line(emulator->netdevs, word->text, len))
		return unknown(
		    emulator, word, "network backend", word->text, len, why);
	for (size_t i = 0; i < sizeof(type_options) / sizeof(*type_options);
	     i++) {
		const struct type_option *t = &type_options[i];

		if (strcmp(option, t->option) != 0)
			continue;
		int n = snprintf(name, sizeof(name), "%s%.*s%s", t->before, len,
		    word->text, t->after);
		if (!introspect_listed(
			introspect_answer(emulator, "qom-list-types"), name, n))
			return unknown(
			    emulator, word, t->what, word->text, len, why);
	}
	return 0;
}

static int
check_words(
    struct introspect *emulator, const struct words *words, struct reason *why)
{
	for (size_t i = 1; i < words->count; i++) {
		const struct term word = {
		    words_at(words, i), words->list[i].origin};
		const char *option = word.text;

		if (words->list[i].value || option[0] != '-' ||
		    option[1] == '\0')
			continue;
		/* QEMU takes --option too. */
		option += option[1] == '-';
		if (!begins_line(emulator->help, option, (int)strlen(option)))
			return unknown(emulator, &word, "option", word.text,
			    (int)strlen(word.text), why);
		if (strcmp(option, "-enable-kvm") == 0 &&
		    !introspect_listed(
			introspect_answer(emulator, "qom-list-types"),
			"kvm-accel", 9))
			return unknown(
			    emulator, &word, "accelerator", "kvm", 3, why);
		if (i + 1 == words->count)
			continue;
		const struct term value = {
		    words_at(words, i + 1), words->list[i + 1].origin};
		if (check_value(
			emulator, words_at(words, 0), option, &value, why) < 0)
			return -1;
	}
	return 0;
}

/* A query of a device's properties, unless it was made before. */
static void
query_device(FILE *out, json_t *made, const char *value)
{
	char name[128];
	int len = first_part(value);

	if (!plain_name(value, len) || len >= (int)sizeof(name))
		return;
	snprintf(name, sizeof(name), "%.*s", len, value);
	if (json_object_get(made, name) != NULL)
		return;
	json_object_set_new(made, name, json_true());
	introspect_query(out, "device-list-properties", value, len);
}

/* The queries that the words need: three lists, and each device's properties.
 */
static char *
make_queries(const struct words *words, bool *netdevs)
{
	json_t *made = json_object();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out != NULL) {
		introspect_query(out, "query-machines", NULL, 0);
		introspect_query(out, "query-cpu-definitions", NULL, 0);
		introspect_query(out, "qom-list-types", NULL, 0);
	}
	for (size_t i = 1; out != NULL && i + 1 < words->count; i++) {
		const char *option = words_at(words, i);

		if (strcmp(option, "-netdev") == 0)
			*netdevs = true;
		if (strcmp(option, "-device") == 0)
			query_device(out, made, words_at(words, i + 1));
	}
	if (out != NULL)
		fclose(out);
	json_decref(made);
	return text;
}

int
probe_words(const struct words *words, double scale, struct reason *why)
{
	const char *program = words_at(words, 0);
	const char *help[] = {program, "-help", NULL};
	const char *netdev[] = {
	    program, "-machine", "none", "-netdev", "help", NULL};
	const char *slash = strrchr(program, '/');
	struct introspect emulator = {
	    .name = slash == NULL ? program : slash + 1,
	    .scale = scale,
	    .answers = json_object()};
	bool netdevs = false;
	int result = -1;

	char *queries = make_queries(words, &netdevs);
	if (queries == NULL || emulator.answers == NULL) {
		reason_memory(why);
		goto out;
	}
	if (introspect_run(&emulator, help, &emulator.help, why) < 0)
		goto out;
	if (introspect_converse(&emulator, program, queries, why) < 0)
		goto out;
	if (netdevs &&
	    introspect_run(&emulator, netdev, &emulator.netdevs, why) < 0)
		goto out;
	if (introspect_answer(&emulator, "qom-list-types") == NULL)
		reason_set(why, "%s: does not answer as QEMU does", program);
	else
		result = check_words(&emulator, words, why);
out:
	free(queries);
	free(emulator.help);
	free(emulator.netdevs);
	json_decref(emulator.answers);
	return result;
}
