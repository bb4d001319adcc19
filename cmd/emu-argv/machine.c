#include "machine.h"

#include "../fatal.h"
#include "../memory.h"
#include "path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
machine_free(struct machine *machine)
{
	json_decref(machine->ids);
	targets_free(&machine->targets);
	flavor_free(&machine->flavor);
	images_free(&machine->images);
	for (size_t i = 0; i < machine->block_count; i++)
		free(machine->blocks[i]);
	free(machine->blocks);
}

static void *
keep(struct machine *machine, void *block)
{
	machine->blocks = memory_grow(
	    machine->blocks, machine->block_count, sizeof(*machine->blocks));
	return machine->blocks[machine->block_count++] = memory_got(block);
}

void *
machine_take(struct machine *machine, size_t size)
{
	return keep(machine, calloc(1, size));
}

const char *
machine_text(struct machine *machine, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = memory_vformat(format, ap);
	va_end(ap);
	return keep(machine, text);
}

const char *
machine_path(struct machine *machine, const char *path)
{
	return keep(machine, path_absolute(NULL, path));
}

bool
machine_has(const struct machine *machine, const char *key)
{
	const json_t *value = json_object_get(machine->document->root, key);

	return value != NULL && !json_is_null(value);
}

const char *
machine_origin(const struct machine *machine, const char *key)
{
	return machine_has(machine, key) ? key : machine->rule;
}

void
machine_fault(const struct machine *machine, const char *place, const char *key,
    const char *format, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	fatal("%s: %s%s%s: %s", machine->document->name, place,
	    place[0] != '\0' && key[0] != '\0' ? "." : "", key, what);
}

const char *
machine_virtio(struct machine *machine, const char *device)
{
	return machine_text(machine, "%s-%s", device, machine->bus);
}

void
machine_take_id(struct machine *machine, const char *place, const char *kind,
    size_t number, const char **id)
{
	if (*id == NULL)
		*id = machine_text(machine, "%s%zu", kind, number);
	const char *key = machine_text(machine, "%s %s", kind, *id);
	if (json_object_get(machine->ids, key) != NULL)
		machine_fault(machine, place, "id", "%s comes twice", *id);
	if (json_object_set_new(machine->ids, key, json_true()) < 0)
		fatal_memory();
}
