#include "probe.h"

#include "../fatal.h"
#include "ask.h"
#include "emulator.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an emulator says of itself. */
struct emulator {
	const struct machine *machine;
	const char *name; /* with its version */
	json_t *lists;    /* by the question, "-device help", sets of names */
};

/* Options whose value begins with a name that "help" lists. */
static const struct option {
	const char *option, *what;
	bool properties; /* whether "NAME,help" lists what may follow */
} options[] = {
    {"-machine", "machine", true},
    {"-cpu", "CPU", false},
    {"-accel", "accelerator", false},
    {"-device", "device", true},
    {"-object", "object", false},
    {"-chardev", "chardev", false},
    {"-netdev", "network backend", false},
};

/* The value's first part: "q35" of "q35,accel=kvm". */
static int
first_part(const char *value)
{
	return (int)strcspn(value, ",");
}

static void
add(json_t *names, char *name)
{
	const char *last = strrchr(name, '-');

	json_object_set_new(names, name, json_true());
	/* Some list a CPU as its type: "la464-loongarch-cpu". */
	if (last == NULL || strcmp(last, "-cpu") != 0)
		return;
	for (char *dash; (dash = strrchr(name, '-')) != NULL;) {
		*dash = '\0';
		json_object_set_new(names, name, json_true());
	}
}

/* The names in a help text: one of the first two words of a line, or the word
 * after "alias". */
static json_t *
names_in(char *text)
{
	json_t *names = json_object();
	char *line, *word;

	while ((line = strsep(&text, "\n")) != NULL) {
		bool alias = false;
		int count = 0;

		while ((word = strsep(&line, " \t\r=,'\"()/")) != NULL) {
			if (word[0] == '\0')
				continue;
			if (count++ < 2 || alias)
				add(names, word);
			alias = strcmp(word, "alias") == 0;
		}
	}
	return names;
}

/* The names that the emulator lists for the option ("-help") and its value
 * ("help", "virtio-blk-pci,help"; NULL: none). */
static const json_t *
list(struct emulator *emulator, const char *option, const char *value)
{
	bool machine = value == NULL || strcmp(option, "-machine") == 0;
	const char *argv[] = {emulator->machine->emulator, option,
	    value == NULL ? "-nodefaults" : value, machine ? NULL : "-machine",
	    "none", NULL};
	struct reason why;
	char key[512];

	snprintf(key, sizeof(key), "%s %s", option, argv[2]);
	json_t *names = json_object_get(emulator->lists, key);
	if (names != NULL)
		return names;
	char *text = ask_listing(argv, 10, emulator->machine->scale, &why);
	fatal_if(text == NULL, &why);
	names = names_in(text);
	free(text);
	if (json_object_set_new(emulator->lists, key, names) < 0)
		fatal_memory();
	return names;
}

static bool
has(const json_t *names, const char *name, int len)
{
	char key[256];

	snprintf(key, sizeof(key), "%.*s", len, name);
	return json_object_get(names, key) != NULL;
}

/* Ends the program: the place has a word that the emulator has not. */
static _Noreturn void
unknown(const struct emulator *emulator, const char *place, const char *what,
    const char *name, int len)
{
	bool table =
	    strcmp(what, "machine") == 0 && strcmp(place, "target") == 0;

	fatal("%s: %s has no %s \"%.*s\"%s", place, emulator->name, what, len,
	    name, table ? "; \"machine\" chooses another" : "");
}

/* Checks the keys of "type,key=value,..." against the type's properties. */
static void
check_properties(struct emulator *emulator, const struct option *option,
    const char *value, const char *place)
{
	static const char always[] = " id bus type accel ";
	char type[256], key[64];

	snprintf(type, sizeof(type), "%.*s,help", first_part(value), value);
	const json_t *properties = list(emulator, option->option, type);
	for (const char *p = value + first_part(value); *p == ',';
	     p += strcspn(p, ",")) {
		p++;
		if (*p == ',') { /* a doubled comma is text */
			p++;
			continue;
		}
		int len = (int)strcspn(p, "=,");
		snprintf(key, sizeof(key), " %.*s ", len, p);
		if (p[len] == '=' && strstr(always, key) == NULL &&
		    !has(properties, p, len))
			fatal("%s: %s: %s \"%.*s\" has no property \"%.*s\"",
			    place, emulator->name, option->what,
			    first_part(value), value, len, p);
	}
}

static void
check_value(struct emulator *emulator, const struct option *option,
    const char *value, const char *place)
{
	int len = first_part(value);

	if (!has(list(emulator, option->option, "help"), value, len))
		unknown(emulator, place, option->what, value, len);
	if (option->properties && value[len] != '\0')
		check_properties(emulator, option, value, place);
}

static void
check_words(struct emulator *emulator, const struct words *words)
{
	for (size_t i = words_emulator(words) + 1; i < words->count; i++) {
		const char *word = words->list[i].text, *option = word;
		const char *place = words->list[i].origin;

		if (words->list[i].value || word[0] != '-' || word[1] == '\0')
			continue;
		/* QEMU takes --option too. */
		option += option[1] == '-';
		if (!has(list(emulator, "-help", NULL), option,
			(int)strlen(option)))
			unknown(
			    emulator, place, "option", word, (int)strlen(word));
		if (strcmp(option, "-enable-kvm") == 0 &&
		    !has(list(emulator, "-accel", "help"), "kvm", 3))
			unknown(emulator, place, "accelerator", "kvm", 3);
		for (size_t o = 0; i + 1 < words->count &&
				   o < sizeof(options) / sizeof(*options);
		     o++) {
			if (strcmp(option, options[o].option) == 0)
				check_value(emulator, &options[o],
				    words->list[i + 1].text,
				    words->list[i + 1].origin);
		}
	}
}

void
probe_words(struct machine *m, const struct words *words)
{
	struct emulator emulator = {m, emulator_name(m), json_object()};

	check_words(&emulator, words);
	json_decref(emulator.lists);
}
