#include "target.h"

#include "document.h"
#include "json_text.h"
#include "share_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *
row_named(const json_t *rows, const char *name)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_text_at(row, "name"), name) == 0)
			return row;
	}
	return NULL;
}

/* Puts the rows of `more` behind those of `file`, or into those of the same
 * name. */
static int
join(json_t *file, const json_t *more, const char *key)
{
	json_t *rows = json_object_get(file, key), *row;
	size_t i;

	if (rows == NULL &&
	    json_object_set_new(file, key, rows = json_array()) < 0)
		return -1;
	json_array_foreach(json_object_get(more, key), i, row)
	{
		json_t *own = row_named(rows, json_text_at(row, "name"));

		if ((own == NULL ? json_array_append(rows, row)
				 : json_object_update_missing(own, row)) < 0)
			return -1;
	}
	return 0;
}

static int
unpack_target(json_t *row, struct target *t, json_error_t *error)
{
	return json_unpack_ex(row, error, 0,
	    "{s:s, s:s, s:s, s:s, s?s, s?s, s?s, s?s, s?s, s?s, s?{s:s, s:s, s:s}, "
	    "s?o, s?o, s?o, s?i, s?i, s?b, s?b}",
	    "name", &t->name, "emulator", &t->emulator, "machine", &t->machine,
	    "cpu", &t->cpu, "console", &t->console, "efi", &t->efi, "root",
	    &t->root, "usr", &t->usr, "zbi", &t->zbi, "compiler", &t->compiler,
	    "firmware", "architecture", &t->architecture, "machine",
	    &t->firmware, "package", &t->package, "names", &t->names, "elf",
	    &t->elf, "heads", &t->heads, "pe", &t->pe, "uimage", &t->uimage,
	    "semihosting", &t->semihosting, "linux", &t->elf_linux);
}

static int
unpack_machine(json_t *row, struct machine_kind *kind, json_error_t *error)
{
	return json_unpack_ex(row, error, 0, "{s:s, s:s, s?s, s?b, s?b, s?i}",
	    "name", &kind->name, "bus", &kind->bus, "panic", &kind->panic,
	    "isa", &kind->isa, "fdc", &kind->fdc, "ide_units",
	    &kind->ide_units);
}

static int
unpack(struct targets *targets, const char *name, struct reason *why)
{
	const json_t *machines = json_object_get(targets->file, "machines");
	const json_t *rows = json_object_get(targets->file, "targets");
	json_error_t error;
	json_t *row;
	size_t i;

	targets->kinds =
	    calloc(json_array_size(machines) + 1, sizeof(*targets->kinds));
	targets->list =
	    calloc(json_array_size(rows) + 1, sizeof(*targets->list));
	if (targets->kinds == NULL || targets->list == NULL)
		return reason_memory(why);
	json_array_foreach(machines, i, row)
	{
		if (unpack_machine(row, &targets->kinds[i], &error) < 0)
			return reason_set(
			    why, "%s: machines[%zu]: %s", name, i, error.text);
	}
	json_array_foreach(rows, i, row)
	{
		struct target *t = &targets->list[i];

		if (unpack_target(row, t, &error) < 0)
			return reason_set(
			    why, "%s: targets[%zu]: %s", name, i, error.text);
		t->kind = targets_machine(targets, t->machine);
	}
	return 0;
}

int
targets_read(struct targets *targets, struct reason *why)
{
	const char *own = getenv("EMU_TARGETS");
	char *path = share_file("targets.json");
	json_t *shared = path == NULL ? NULL : document_parse_file(path, why);
	int result = -1;

	*targets = (struct targets){.file = NULL};
	if (own != NULL && own[0] == '\0')
		own = NULL;
	if (shared != NULL)
		targets->file =
		    own == NULL ? json_object() : document_parse_file(own, why);
	if (path == NULL ||
	    (targets->file != NULL &&
		(join(targets->file, shared, "machines") < 0 ||
		    join(targets->file, shared, "targets") < 0)))
		reason_memory(why);
	else if (targets->file != NULL)
		result = unpack(targets, own == NULL ? path : own, why);
	json_decref(shared);
	free(path);
	return result;
}

void
targets_free(struct targets *targets)
{
	free(targets->list);
	free(targets->kinds);
	json_decref(targets->file);
}

const struct target *
targets_named(const struct targets *targets, const char *name)
{
	size_t i;
	json_t *other;

	for (const struct target *t = targets->list;
	     name != NULL && t != NULL && t->name != NULL; t++) {
		if (strcmp(t->name, name) == 0)
			return t;
		json_array_foreach(t->names, i, other)
		{
			if (json_is_string(other) &&
			    strcmp(json_string_value(other), name) == 0)
				return t;
		}
	}
	return NULL;
}

void
targets_list(const struct targets *targets, char *list, size_t size)
{
	size_t len = 0;

	list[0] = '\0';
	for (const struct target *t = targets->list;
	     t->name != NULL && len < size; t++)
		len += (size_t)snprintf(list + len, size - len, "%s%s",
		    len == 0 ? "" : ", ", t->name);
}

const struct machine_kind *
targets_machine(const struct targets *targets, const char *machine)
{
	for (const struct machine_kind *kind = targets->kinds;
	     kind->name != NULL; kind++) {
		size_t n = strlen(kind->name);

		/* Perhaps in a version, or with properties. */
		if (strncmp(machine, kind->name, n) == 0 &&
		    (machine[n] == '\0' || machine[n] == ',' ||
			machine[n] == '-'))
			return kind;
	}
	return NULL;
}

bool
targets_same(struct targets *targets, const char *a, const char *b)
{
	struct reason why;

	if (strcmp(a, b) == 0)
		return true;
	if (targets->file == NULL && targets_read(targets, &why) < 0) {
		targets_free(targets);
		*targets = (struct targets){0};
		return false;
	}
	const struct target *target = targets_named(targets, a);
	return target != NULL && target == targets_named(targets, b);
}
