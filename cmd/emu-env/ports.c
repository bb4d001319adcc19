#include "ports.h"

#include "clock.h"
#include "duration.h"
#include "field.h"
#include "input.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 65536 };

/* How long an emulator may take to choose, and how often to look. */
static const uint64_t patience_ns = 10000000000;
static const uint64_t look_ns = 10000000;

/* What the emulator chose (emu-spawn(1)), which the caller frees; "" without
 * EMU_SCRATCH. NULL with the reason. */
static char *
read_chosen(struct reason *why)
{
	const char *scratch = getenv("EMU_SCRATCH");
	char *path, *text = NULL;
	size_t len;
	double scale;

	if (scratch == NULL || scratch[0] == '\0')
		return strdup("");
	if (duration_scale(&scale, why) < 0)
		return NULL;
	if (asprintf(&path, "%s/ports", scratch) < 0) {
		reason_memory(why);
		return NULL;
	}
	uint64_t due = clock_now() + duration_scaled(patience_ns, scale);
	while (access(path, F_OK) < 0 && clock_now() < due)
		clock_sleep(look_ns);
	if (input_read(path, FILE_MOST, &text, &len, why) < 0)
		text = NULL;
	free(path);
	return text;
}

/* The port of the host in the text's line "tcp GUEST HOST"; 0: there is none.
 */
static int64_t
find(const char *text, const char *protocol, int64_t guest)
{
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		char name[4] = "";
		int64_t from, to;

		line += *line == '\n';
		if (sscanf(line, "%3s %" SCNd64 " %" SCNd64, name, &from,
			&to) == 3 &&
		    strcmp(name, protocol) == 0 && from == guest)
			return to;
	}
	return 0;
}

static int
add(const struct document *document, const json_t *forward, const char *place,
    char **chosen, struct variable *variable, struct reason *why)
{
	const char *protocol = "tcp";
	int64_t guest = 0, host = 0;

	if (field_integer(
		document, forward, place, "guest", 1, 65535, &guest, why) < 0 ||
	    field_integer(
		document, forward, place, "host", 0, 65535, &host, why) < 0 ||
	    field_text(document, forward, place, "protocol", &protocol, why) <
		0)
		return -1;
	if (host == 0 && *chosen == NULL &&
	    (*chosen = read_chosen(why)) == NULL)
		return -1;
	if (host == 0)
		host = find(*chosen, protocol, guest);
	if (guest == 0 || host == 0)
		return 0;
	snprintf(variable->name, sizeof(variable->name), "EMU_PORT_%s%" PRId64,
	    strcmp(protocol, "udp") == 0 ? "UDP_" : "", guest);
	if (asprintf(&variable->value, "%" PRId64, host) >= 0)
		return 0;
	variable->value = NULL;
	return reason_memory(why);
}

/* Whether no variable before has the same name; else it is taken back. */
static bool
is_first(struct variable *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, list[count].name) == 0) {
			free(list[count].value);
			list[count] = (struct variable){0};
			return false;
		}
	return true;
}

int
ports_make(const struct document *document, struct variable *list, size_t most,
    struct reason *why)
{
	json_t *netdevs = json_object_get(document->root, "netdevs"), *forwards;
	size_t count = 0, i, j;
	char *chosen = NULL, place[64];
	int result = 0;

	for (i = 0; result == 0 && i < json_array_size(netdevs); i++) {
		forwards =
		    json_object_get(json_array_get(netdevs, i), "forwards");
		for (j = 0; result == 0 && j < json_array_size(forwards); j++) {
			snprintf(place, sizeof(place),
			    "netdevs[%zu].forwards[%zu].", i, j);
			if (count == most)
				result = reason_set(why,
				    "%s: %s more ports than %zu",
				    document->name, place, most);
			else
				result =
				    add(document, json_array_get(forwards, j),
					place, &chosen, &list[count], why);
			if (result == 0 && list[count].value != NULL &&
			    is_first(list, count))
				count++;
		}
	}
	free(chosen);
	return result;
}
