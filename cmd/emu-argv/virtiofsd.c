#include "virtiofsd.h"

#include "ask.h"
#include "remember.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether the program is there; *fit: it can keep a share read-only, as the
 * virtiofsd of QEMU, before 8.0, cannot. */
static bool
ask_program(const struct machine *m, const char *program, bool *fit)
{
	static const char question[] = "virtiofsd readonly";
	const char *argv[] = {program, "--help", NULL};
	struct reason why;
	char answer[8];

	*fit = false;
	if (remember_get(program, question, answer, sizeof(answer))) {
		*fit = strcmp(answer, "yes") == 0;
		return true;
	}
	char *text = ask_listing(argv, 5, m->scale, &why);
	if (text == NULL)
		return false;
	*fit = strstr(text, "--readonly") != NULL;
	remember_put(program, question, *fit ? "yes" : "no");
	free(text);
	return true;
}

const char *
virtiofsd_find(const struct machine *m, const char *place)
{
	/* In PATH, or where distributions have it. */
	static const char *const programs[] = {"virtiofsd",
	    "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd",
	    "/usr/lib/qemu/virtiofsd"};
	const char *unfit = NULL;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		bool fit;

		if (!ask_program(m, programs[i], &fit))
			continue;
		if (fit)
			return programs[i];
		unfit = programs[i];
	}
	if (unfit != NULL)
		machine_fault(m, place, "driver",
		    "%s cannot keep a share read-only; virtiofsd 1.11 or newer "
		    "can (Debian 13: virtiofsd)",
		    unfit);
	machine_fault(
	    m, place, "driver", "virtiofsd: not found (Debian: virtiofsd)");
}
