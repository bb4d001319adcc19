#include "machine.h"

#include "../fatal.h"

#include <stdarg.h>
#include <stdio.h>

void
machine_free(struct machine *machine)
{
	json_decref(machine->ids);
	targets_free(&machine->targets);
	flavor_free(&machine->flavor);
	images_free(&machine->images);
	arena_free(&machine->arena);
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
	return arena_text(&machine->arena, "%s-%s", device, machine->bus);
}

void
machine_take_id(struct machine *machine, const char *place, const char *kind,
    size_t number, const char **id)
{
	if (*id == NULL)
		*id = arena_text(&machine->arena, "%s%zu", kind, number);
	const char *key = arena_text(&machine->arena, "%s %s", kind, *id);
	if (json_object_get(machine->ids, key) != NULL)
		machine_fault(machine, place, "id", "%s comes twice", *id);
	if (json_object_set_new(machine->ids, key, json_true()) < 0)
		fatal_memory();
}
