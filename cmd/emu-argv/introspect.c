#include "introspect.h"

#include "ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PROBE_MS = 10000 };

static int
run(struct ask *ask, const char *const *argv, const char *input,
    struct reason *why)
{
	*ask = (struct ask){.argv = argv,
	    .input = input,
	    .file = -1,
	    .first_ms = PROBE_MS,
	    .rest_ms = PROBE_MS};
	ask_run(ask);
	free(ask->err);
	if (ask->end == ASK_DONE)
		return 0;
	free(ask->out);
	ask->out = NULL;
	errno = ask->error;
	if (ask->end == ASK_FAILED)
		return reason_errno(why, "%s", argv[0]);
	return reason_set(
	    why, "%s: no answer within %d s", argv[0], PROBE_MS / 1000);
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
	struct ask ask;
	char *input;

	if (asprintf(&input,
		"{\"execute\":\"qmp_capabilities\"}\n%s{\"execute\":\"quit\"}\n",
		queries) < 0)
		return reason_memory(why);
	int result = run(&ask, argv, input, why);
	if (result == 0)
		read_answers(emulator, ask.out);
	free(ask.out);
	free(input);
	return result;
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
introspect_run(const char *const *argv, char **text, struct reason *why)
{
	struct ask ask;
	int result = run(&ask, argv, NULL, why);

	*text = ask.out;
	return result;
}
