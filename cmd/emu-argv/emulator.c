#include "emulator.h"

#include "../fatal.h"
#include "ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the emulator prints for an option and its value; the caller frees it. */
static char *
listing(const struct machine *m, const char *option, const char *value)
{
	const char *argv[] = {m->emulator, option, value, NULL};

	return ask_remembered(argv, m->scale);
}

/* The length of a machine's name without its version, or 0: virt-7.2 is 4. */
static size_t
family(const char *name, size_t len)
{
	size_t n = len;

	while (n > 0 &&
	       (isdigit((unsigned char)name[n - 1]) || name[n - 1] == '.'))
		n--;
	return n > 1 && n < len && name[n - 1] == '-' ? n - 1 : 0;
}

/* Looks for the machine, and collects those of its family. */
static bool
listed(
    const char *list, const char *name, size_t len, char *others, size_t size)
{
	size_t common = family(name, len), used = 0;

	others[0] = '\0';
	for (const char *p = list; p != NULL && *p != '\0';
	     p = strchr(p, '\n')) {
		p += *p == '\n';
		size_t n = strcspn(p, " \n");

		if (n == len && strncmp(p, name, len) == 0)
			return true;
		if (strncmp(p, name, common) == 0 && used < size &&
		    (n == common || family(p, n) == common))
			used += (size_t)snprintf(
			    others + used, size - used, " %.*s", (int)n, p);
	}
	return false;
}

const char *
emulator_name(struct machine *m)
{
	const char *argv[] = {m->emulator, "-version", NULL};
	const char *slash = strrchr(m->emulator, '/');
	char version[32];
	struct reason why;
	char *text = ask_listing(argv, 10, m->scale, &why);

	fatal_if(text == NULL, &why);
	if (sscanf(text, "%*[^0-9]%31[0-9.]", version) != 1)
		fatal("%s: does not answer as QEMU does", m->emulator);
	free(text);
	return machine_text(
	    m, "%s %s", slash == NULL ? m->emulator : slash + 1, version);
}

static void
check_machine(struct machine *m)
{
	size_t len = strcspn(m->machine_value, ",");
	char others[512];

	if (m->aemu || family(m->machine_value, len) == 0)
		return;
	char *list = listing(m, "-machine", "help");
	if (list != NULL &&
	    !listed(list, m->machine_value, len, others, sizeof(others)))
		machine_fault(m, m->machine != NULL ? "machine" : "target", "",
		    "%s has no machine \"%.*s\"; \"machine\" can be%s",
		    emulator_name(m), (int)len, m->machine_value,
		    others[0] == '\0' ? " another" : others);
	free(list);
}

void
emulator_look(struct machine *m)
{
	if (m->monitor == MONITOR_DEFAULT && m->guest == GUEST_FUCHSIA)
		m->monitor = MONITOR_OFF;
	if (m->monitor != MONITOR_OFF && !m->aemu) {
		/* QEMU 11 and later want QMP monitors as objects. */
		char *objects = listing(m, "-object", "help");

		m->monitor_object =
		    objects != NULL && strstr(objects, "monitor-qmp") != NULL;
		free(objects);
	}
	check_machine(m);
}
