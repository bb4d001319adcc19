/* emu-env: tells a test what it has to know about the machine of a document, on
 * stdout or in its environment. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "document.h"
#include "stdio_guard.h"
#include "variables.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a command that cannot be run, as env(1) has them. */
enum { STATUS_START = 126, STATUS_FOUND = 127 };

const int fatal_status = 125; /* as of env(1) */

static const struct usage usage = {
    .command = "emu-env",
    .synopsis = "[document [cmd arg ...]]",
    .options = (const struct usage_option[]){{0}},
};

/* Forgets the ports of another machine. */
static void
forget_ports(void)
{
	static const char prefix[] = "EMU_PORT_";

	for (char **v = environ; *v != NULL;) {
		const char *end = strchr(*v, '=');

		if (end == NULL || strncmp(*v, prefix, strlen(prefix)) != 0) {
			v++;
			continue;
		}
		char *name = strndup(*v, (size_t)(end - *v));
		if (name == NULL || unsetenv(name) < 0)
			fatal_errno(prefix);
		free(name);
		v = environ;
	}
}

/* Runs the command, with the caller's action for SIGXFSZ. What this machine has
 * not is unset: the caller may be a test of another. */
static _Noreturn void
run(json_t *variables, char *argv[], const struct sigaction *too_large)
{
	const char *name;
	json_t *value;

	forget_ports();
	json_object_foreach(variables, name, value)
	{
		if ((json_is_null(value)
			    ? unsetenv(name)
			    : setenv(name, json_string_value(value), 1)) < 0)
			fatal_errno(name);
	}
	json_decref(variables);
	sigaction(SIGXFSZ, too_large, NULL);
	execvp(argv[0], argv);
	err(errno == ENOENT ? STATUS_FOUND : STATUS_START, "%s", argv[0]);
}

int
main(int argc, char *argv[])
{
	struct sigaction too_large;
	struct document document;
	struct reason why = {""};
	const char *name;
	json_t *value;

	sigaction(SIGXFSZ, NULL, &too_large);
	/* Only a list needs stdout; a command's is its own. */
	int guarded = stdio_guard_output(&why);

	json_memory_guard();
	usage_parse(&usage, argc, argv, NULL);
	argv += optind;
	argc -= optind;
	fatal_if(
	    (argc < 2 && guarded < 0) ||
		document_read(&document, argc > 0 ? argv[0] : NULL, &why) < 0,
	    &why);
	json_t *variables = variables_make(&document);
	if (argc > 1)
		run(variables, argv + 1, &too_large);
	json_object_foreach(variables, name, value)
	{
		if (!json_is_null(value))
			printf("%s=%s\n", name, json_string_value(value));
	}
	json_decref(variables);
	document_free(&document);
	fatal_if(stdio_finish(&why) < 0, &why);
	return 0;
}
