/* Prints emu-argv's vocabulary as JSON: a row for each key. */
#include "vocabulary.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const types[] = {
    [TYPE_ANY] = "any",
    [TYPE_REFUSED] = "refused",
    [TYPE_STRING] = "string",
    [TYPE_TEXT] = "text",
    [TYPE_NAME] = "name",
    [TYPE_ID] = "id",
    [TYPE_FORMAT] = "format",
    [TYPE_IPV4] = "ipv4",
    [TYPE_HEX] = "hex",
    [TYPE_LABEL] = "label",
    [TYPE_MAC] = "mac",
    [TYPE_PATH] = "path",
    [TYPE_IMAGE] = "image",
    [TYPE_CHOICE] = "choice",
    [TYPE_SWITCH] = "switch",
    [TYPE_INTEGER] = "integer",
    [TYPE_STRINGS] = "strings",
    [TYPE_NAMES] = "names",
    [TYPE_OPTIONS] = "options",
    [TYPE_ROOT] = "root",
    [TYPE_OBJECT] = "object",
    [TYPE_LIST] = "list",
};

static void
print_choices(const char *const *choices)
{
	printf("[");
	for (const char *const *c = choices; c != NULL && *c != NULL; c++)
		printf("%s\"%s\"", c == choices ? "" : ", ", *c);
	printf("]");
}

/* Those of a kind, and of the kinds that its keys lead to. */
static void
print_keys(const struct object_kind *kind, const char *comma)
{
	for (const struct key *k = kind->keys; k->name != NULL; k++) {
		printf("%s\n{\"kind\": \"%s\", \"key\": \"%s\", "
		       "\"type\": \"%s\", \"min\": %" PRId64
		       ", \"max\": %" PRId64
		       ", \"either\": %u, \"needs\": %u, \"alone\": %u"
		       ", \"inner\": \"%s\", \"choices\": ",
		    comma, kind->name, k->name, types[k->type], k->min, k->max,
		    k->either, k->needs, k->alone,
		    k->kind == NULL ? "" : k->kind->name);
		print_choices(k->choices);
		printf("}");
		comma = ",";
		if (k->kind != NULL)
			print_keys(k->kind, ",");
	}
}

int
main(void)
{
	printf("[");
	print_keys(&document_kind, "");
	printf("\n]\n");
	return 0;
}
