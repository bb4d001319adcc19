#include "probe.h"

#include "ask.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an emulator says of itself. */
struct emulator {
	const char *program;
	const char *name; /* without its directory */
	char version[32];
	double scale; /* of the time limits */
	/* Names and what stands behind them: by "query-machines" and the like,
	 * by an option whose help lists them, by a type whose properties they
	 * are. */
	json_t *lists;
};

/* A word, or a value, and where it came from. */
struct term {
	const char *text, *origin;
};

/* An option whose value begins with a name, which a list has, perhaps with
 * something around it. */
static const struct option {
	const char *option, *what, *list, *before, *after;
} options[] = {
    {"-machine", "machine", "query-machines", "", ""},
    {"-cpu", "CPU", "query-cpu-definitions", "", ""},
    {"-accel", "accelerator", "qom-list-types", "", "-accel"},
    {"-device", "device", "qom-list-types", "", ""},
    {"-object", "object", "qom-list-types", "", ""},
    {"-chardev", "chardev", "qom-list-types", "chardev-", ""},
    {"-netdev", "network backend", "-netdev", "", ""},
};

/* The value's first part: "q35" of "q35,accel=kvm". */
static int
first_part(const char *value)
{
	return (int)strcspn(value, ",");
}

static json_t *
find(const struct emulator *emulator, const char *list, const char *before,
    const char *name, int len, const char *after)
{
	char key[256];

	snprintf(key, sizeof(key), "%s%.*s%s", before, len, name, after);
	return json_object_get(json_object_get(emulator->lists, list), key);
}

/* Runs the program and returns what it prints, which the caller frees; NULL
 * with the reason. */
static char *
run(const struct emulator *emulator, const char *const *argv, const char *input,
    struct reason *why)
{
	const uint64_t limit = UINT64_C(10000000000);
	struct ask ask = {
	    .argv = argv,
	    .file = -1,
	    .scale = emulator->scale,
	    .exchange = {.input = input, .first = limit, .rest = limit},
	};
	int result = ask_run(&ask, why);

	free(ask.exchange.err);
	if (result == 0 &&
	    (ask.end == EXCHANGE_SILENT || ask.end == EXCHANGE_SLOW))
		result = reason_set(why, "%s: no answer within %g s", argv[0],
		    10 * emulator->scale);
	if (result == 0)
		return ask.exchange.out;
	free(ask.exchange.out);
	return NULL;
}

/* Lists the first word of each line that the program prints. */
static int
list_help(struct emulator *emulator, const char *list, const char *const *argv,
    struct reason *why)
{
	char *text = run(emulator, argv, NULL, why), *rest = text, *line;
	json_t *names = json_object();

	json_object_set_new(emulator->lists, list, names);
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, " \r")] = '\0';
		json_object_set_new(names, line, json_true());
	}
	free(text);
	return text == NULL ? -1 : 0;
}

/* Lists the elements of an answer, and an alias with the name that it is for.
 */
static void
list_answer(struct emulator *emulator, const char *id, const json_t *answer)
{
	json_t *names = json_object(), *element;
	size_t i;

	json_object_set_new(emulator->lists, id, names);
	json_array_foreach(answer, i, element)
	{
		json_t *name = json_object_get(element, "name");
		const char *alias =
		    json_string_value(json_object_get(element, "alias"));

		if (json_is_string(name))
			json_object_set(names, json_string_value(name), name);
		if (alias != NULL)
			json_object_set(names, alias, name);
	}
}

/* One QMP session without a machine: the queries, and an end. */
static int
converse(struct emulator *emulator, const char *queries, struct reason *why)
{
	const char *argv[] = {emulator->program, "-machine", "none",
	    "-nodefaults", "-display", "none", "-qmp", "stdio", NULL};
	char *input, *text, *rest, *line;

	if (asprintf(&input,
		"{\"execute\":\"qmp_capabilities\"}\n%s{\"execute\":\"quit\"}\n",
		queries) < 0)
		return reason_memory(why);
	text = rest = run(emulator, argv, input, why);
	free(input);
	while ((line = strsep(&rest, "\n")) != NULL) {
		json_t *json = json_loads(line, 0, NULL);
		const json_t *answer = json_object_get(json, "return");
		const char *id = json_string_value(json_object_get(json, "id"));
		int major, minor, micro;

		if (id != NULL && answer != NULL)
			list_answer(emulator, id, answer);
		else if (json_unpack(json, "{s:{s:{s:{s:i,s:i,s:i}}}}", "QMP",
			     "version", "qemu", "major", &major, "minor",
			     &minor, "micro", &micro) == 0)
			snprintf(emulator->version, sizeof(emulator->version),
			    "%d.%d.%d", major, minor, micro);
		json_decref(json);
	}
	free(text);
	return text == NULL ? -1 : 0;
}

static int
unknown(const struct emulator *emulator, const struct term *word,
    const char *what, const char *name, int len, struct reason *why)
{
	bool table =
	    strcmp(what, "machine") == 0 && strcmp(word->origin, "target") == 0;

	return reason_set(why, "%s: %s %s has no %s \"%.*s\"%s", word->origin,
	    emulator->name, emulator->version, what, len, name,
	    table ? "; \"machine\" chooses another" : "");
}

/* Checks the keys of "type,key=value,..." against the type's properties, where
 * they were told. */
static int
check_properties(const struct emulator *emulator, const struct term *word,
    const json_t *properties, const char *what, struct reason *why)
{
	static const char always[] = " id bus type accel ";
	const char *value = word->text;
	char key[64];

	for (const char *p = value + first_part(value);
	     properties != NULL && *p == ','; p += strcspn(p, ",")) {
		p++;
		if (*p == ',') { /* a doubled comma is text */
			p++;
			continue;
		}
		int len = (int)strcspn(p, "=,");
		snprintf(key, sizeof(key), " %.*s ", len, p);
		if (p[len] != '=' || strstr(always, key) != NULL)
			continue;
		key[strlen(key) - 1] = '\0';
		if (json_object_get(properties, key + 1) == NULL)
			return reason_set(why,
			    "%s: %s %s: %s \"%.*s\" has no property \"%.*s\"",
			    word->origin, emulator->name, emulator->version,
			    what, first_part(value), value, len, p);
	}
	return 0;
}

/* The properties of a machine, asked for by its full name, borrowed. */
static int
ask_machine(struct emulator *emulator, const char *name, json_t **properties,
    struct reason *why)
{
	char query[512], type[128];

	snprintf(type, sizeof(type), "%s-machine", name);
	snprintf(query, sizeof(query),
	    "{\"execute\":\"qom-list-properties\",\"arguments\":"
	    "{\"typename\":\"%s\"},\"id\":\"%s\"}\n",
	    type, type);
	if (converse(emulator, query, why) < 0)
		return -1;
	*properties = json_object_get(emulator->lists, type);
	return 0;
}

static int
check_value(struct emulator *emulator, const struct option *option,
    const struct term *word, struct reason *why)
{
	int len = first_part(word->text);
	const json_t *name = find(emulator, option->list, option->before,
	    word->text, len, option->after);
	bool machine = strcmp(option->option, "-machine") == 0;
	json_t *properties = NULL;

	if (name == NULL)
		return unknown(
		    emulator, word, option->what, word->text, len, why);
	if (strcmp(option->option, "-device") == 0)
		properties =
		    json_object_get(emulator->lists, json_string_value(name));
	else if (machine && word->text[len] != '\0' &&
		 ask_machine(
		     emulator, json_string_value(name), &properties, why) < 0)
		return -1;
	return check_properties(emulator, word, properties, option->what, why);
}

static int
check_words(
    struct emulator *emulator, const struct words *words, struct reason *why)
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
		if (find(emulator, "-help", "", option, (int)strlen(option),
			"") == NULL)
			return unknown(emulator, &word, "option", word.text,
			    (int)strlen(word.text), why);
		if (strcmp(option, "-enable-kvm") == 0 &&
		    find(emulator, "qom-list-types", "", "kvm-accel", 9, "") ==
			NULL)
			return unknown(
			    emulator, &word, "accelerator", "kvm", 3, why);
		for (size_t o = 0; i + 1 < words->count &&
				   o < sizeof(options) / sizeof(*options);
		     o++) {
			const struct term value = {
			    words_at(words, i + 1), words->list[i + 1].origin};

			if (strcmp(option, options[o].option) == 0 &&
			    check_value(emulator, &options[o], &value, why) < 0)
				return -1;
		}
	}
	return 0;
}

/* The queries that the words need: three lists, and each device's properties,
 * once. *netdevs is whether there is a -netdev. */
static char *
make_queries(const struct words *words, bool *netdevs)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	static const char *const lists[] = {
	    "query-machines", "query-cpu-definitions", "qom-list-types"};
	json_t *made = json_object();
	char *text = NULL, name[128];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; out != NULL && i < 3; i++)
		fprintf(out, "{\"execute\":\"%s\",\"id\":\"%s\"}\n", lists[i],
		    lists[i]);
	for (size_t i = 1; out != NULL && i + 1 < words->count; i++) {
		const char *option = words_at(words, i);
		const char *value = words_at(words, i + 1);

		*netdevs |= strcmp(option, "-netdev") == 0;
		int n = snprintf(
		    name, sizeof(name), "%.*s", first_part(value), value);
		if (strcmp(option, "-device") != 0 || n >= (int)sizeof(name) ||
		    name[strspn(name, plain)] != '\0' ||
		    json_object_get(made, name) != NULL)
			continue;
		json_object_set_new(made, name, json_true());
		fprintf(out,
		    "{\"execute\":\"device-list-properties\",\"arguments\":"
		    "{\"typename\":\"%s\"},\"id\":\"%s\"}\n",
		    name, name);
	}
	if (out != NULL)
		fclose(out);
	json_decref(made);
	return text;
}

/* Some emulators do not list their CPUs, but all have a type for each: what
 * "-cpu" stands behind, with or without the architecture. */
static void
list_cpus(struct emulator *emulator)
{
	json_t *types = json_object_get(emulator->lists, "qom-list-types");
	json_t *names = json_object(), *value;
	const char *type;

	json_object_foreach(types, type, value)
	{
		size_t len = strlen(type);

		if (len < 5 || strcmp(type + len - 4, "-cpu") != 0)
			continue;
		for (const char *p = type; (p = strchr(p, '-')) != NULL; p++) {
			char name[128];

			snprintf(
			    name, sizeof(name), "%.*s", (int)(p - type), type);
			json_object_set_new(names, name, json_true());
		}
	}
	json_object_set_new(emulator->lists, "query-cpu-definitions", names);
}

int
probe_words(const struct words *words, double scale, struct reason *why)
{
	const char *program = words_at(words, 0);
	const char *help[] = {program, "-help", NULL};
	const char *netdev[] = {
	    program, "-machine", "none", "-netdev", "help", NULL};
	const char *slash = strrchr(program, '/');
	struct emulator emulator = {.program = program,
	    .name = slash == NULL ? program : slash + 1,
	    .scale = scale,
	    .lists = json_object()};
	bool netdevs = false;
	int result = -1;

	char *queries = make_queries(words, &netdevs);
	if (queries == NULL || emulator.lists == NULL) {
		reason_memory(why);
		goto out;
	}
	if (list_help(&emulator, "-help", help, why) < 0 ||
	    converse(&emulator, queries, why) < 0 ||
	    (netdevs && list_help(&emulator, "-netdev", netdev, why) < 0))
		goto out;
	if (json_object_get(emulator.lists, "qom-list-types") == NULL) {
		reason_set(why, "%s: does not answer as QEMU does", program);
		goto out;
	}
	if (json_object_get(emulator.lists, "query-cpu-definitions") == NULL)
		list_cpus(&emulator);
	result = check_words(&emulator, words, why);
out:
	free(queries);
	json_decref(emulator.lists);
	return result;
}
