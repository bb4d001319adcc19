/* emu-env: tells a test what it has to know about the machine of a document, on
 * stdout or in its environment. */
#include "../fatal.h"
#include "../usage.h"
#include "document.h"
#include "stdio_guard.h"
#include "variables.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a command that cannot be run, as env(1) has them. */
enum { STATUS_START = 126, STATUS_FOUND = 127 };

const int fatal_status = STATUS_FAILED;

static const struct usage usage = {
    .command = "emu-env",
    .synopsis = "[document [cmd arg ...]]",
    .options = (const struct usage_option[]){{0}},
};

static void
print(const struct variable list[static VARIABLES])
{
	for (size_t i = 0; i < VARIABLES; i++) {
		if (list[i].value != NULL)
			printf("%s=%s\n", list[i].name, list[i].value);
	}
}

/* Those of another machine. */
static void
forget_ports(void)
{
	static const char prefix[] = "EMU_PORT_";
	char name[sizeof(((struct variable *)NULL)->name)];

	for (char **v = environ; *v != NULL;) {
		size_t len = strcspn(*v, "=");

		if (strncmp(*v, prefix, strlen(prefix)) != 0 ||
		    len >= sizeof(name)) {
			v++;
			continue;
		}
		memcpy(name, *v, len);
		name[len] = '\0';
		if (unsetenv(name) < 0)
			err(STATUS_FAILED, "%s", name);
		v = environ;
	}
}

/* What this machine has not is unset: the caller may be a test of another. */
static void
run(const struct variable list[static VARIABLES], char *argv[])
{
	forget_ports();
	for (size_t i = 0; i < VARIABLES && list[i].name[0] != '\0'; i++) {
		int result = list[i].value == NULL
				 ? unsetenv(list[i].name)
				 : setenv(list[i].name, list[i].value, 1);

		if (result < 0)
			err(STATUS_FAILED, "%s", list[i].name);
	}
	execvp(argv[0], argv);
	err(errno == ENOENT ? STATUS_FOUND : STATUS_START, "%s", argv[0]);
}

int
main(int argc, char *argv[])
{
	struct variable list[VARIABLES];
	struct document document;
	struct reason why = {""};
	/* Only a list needs stdout; a command's is its own. */
	int guarded = stdio_guard_output(&why);

	usage_parse(&usage, argc, argv, NULL);
	argv += optind;
	argc -= optind;
	if ((argc < 2 && guarded < 0) ||
	    document_read(&document, argc > 0 ? argv[0] : NULL, &why) < 0)
		errx(STATUS_FAILED, "%s", why.text);
	variables_make(&document, list);
	if (argc > 1)
		run(list, argv + 1);
	print(list);
	variables_free(list);
	document_free(&document);
	if (stdio_finish(&why) < 0)
		errx(STATUS_FAILED, "%s", why.text);
	return 0;
}
