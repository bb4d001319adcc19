#include "introspect.h"

#include "ask.h"

#include <stdlib.h>
#include <string.h>

/* Runs the program and returns what it prints, which the caller frees; NULL
 * with the reason. */
static char *
run(const struct introspect *emulator, const char *const *argv,
    const char *input, struct reason *why)
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

/* Sorts the lines of a QMP session by their ids into emulator->answers. */
static void
read_answers(struct introspect *emulator, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		json_t *answer = json_loads(line, 0, NULL);
		const char *id =
		    json_string_value(json_object_get(answer, "id"));
		int major, minor, micro;

		if (id != NULL)
			json_object_set(emulator->answers, id, answer);
		else if (json_unpack(answer, "{s:{s:{s:{s:i,s:i,s:i}}}}", "QMP",
			     "version", "qemu", "major", &major, "minor",
			     &minor, "micro", &micro) == 0)
			snprintf(emulator->version, sizeof(emulator->version),
			    "%d.%d.%d", major, minor, micro);
		json_decref(answer);
	}
}

/* A session: the queries, each with itself as its id, and an end. */
int
introspect_converse(struct introspect *emulator, const char *program,
    const char *queries, struct reason *why)
{
	const char *argv[] = {program, "-machine", "none", "-nodefaults",
	    "-display", "none", "-qmp", "stdio", NULL};
	char *input;

	if (asprintf(&input,
		"{\"execute\":\"qmp_capabilities\"}\n%s{\"execute\":\"quit\"}\n",
		queries) < 0)
		return reason_memory(why);
	char *text = run(emulator, argv, input, why);
	if (text != NULL)
		read_answers(emulator, text);
	free(text);
	free(input);
	return text == NULL ? -1 : 0;
}

void
introspect_query(FILE *out, const char *command, const char *type, int len)
{
	if (type == NULL)
		fprintf(out, "{\"execute\":\"%s\",\"id\":\"%s\"}\n", command,
		    command);
	else
		fprintf(out,
		    "{\"execute\":\"%s\",\"arguments\":{\"typename\":"
		    "\"%.*s\"},\"id\":\"%.*s\"}\n",
		    command, len, type, len, type);
}

json_t *
introspect_answer(const struct introspect *emulator, const char *id)
{
	return json_object_get(
	    json_object_get(emulator->answers, id), "return");
}

/* True when an element of the list has that name, or that alias. */
bool
introspect_listed(const json_t *list, const char *name, int len)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *element = json_array_get(list, i);
		static const char *const keys[] = {"name", "alias"};

		for (size_t k = 0; k < 2; k++) {
			const char *text = json_string_value(
			    json_object_get(element, keys[k]));

			if (text != NULL && strlen(text) == (size_t)len &&
			    memcmp(text, name, (size_t)len) == 0)
				return true;
		}
	}
	return false;
}

int
introspect_run(const struct introspect *emulator, const char *const *argv,
    char **text, struct reason *why)
{
	*text = run(emulator, argv, NULL, why);
	return *text == NULL ? -1 : 0;
}
