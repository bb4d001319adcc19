#include "emulator.h"

#include "ask.h"
#include "remember.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the emulator prints for an option and its value, which the caller frees;
 * NULL when it is not there or does not end in success. */
static char *
listing(const struct machine *m, const char *option, const char *value)
{
	const char *argv[] = {m->emulator, option, value, NULL};
	const uint64_t limit = UINT64_C(2000000000);
	struct ask ask = {
	    .argv = argv,
	    .file = -1,
	    .scale = m->scale,
	    .exchange = {.first = limit, .rest = limit},
	};
	struct reason why;

	bool good = ask_run(&ask, &why) == 0 && ask.end == EXCHANGE_DONE &&
		    ask.status == 0;
	free(ask.exchange.err);
	if (good)
		return ask.exchange.out;
	free(ask.exchange.out);
	return NULL;
}

/* Whether it has QMP monitors as objects, as QEMU 11 and later want them. */
static bool
has_object(const struct machine *m)
{
	struct remember remember = {""};
	char answer[16];

	remember_key(&remember, m->emulator, "monitor");
	if (remember_get(&remember, answer, sizeof(answer)))
		return strcmp(answer, "object") == 0;
	char *list = listing(m, "-object", "help");
	bool object = list != NULL && strstr(list, "monitor-qmp") != NULL;
	if (list != NULL)
		remember_put(&remember, object ? "object" : "option");
	free(list);
	return object;
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
listed(const char *list, const char *name, size_t len, FILE *others)
{
	size_t common = family(name, len);

	for (const char *p = list; p != NULL && *p != '\0';
	     p = strchr(p, '\n')) {
		p += *p == '\n';
		size_t n = strcspn(p, " \n");

		if (n == len && strncmp(p, name, len) == 0)
			return true;
		if (strncmp(p, name, common) == 0 &&
		    (n == common || family(p, n) == common))
			fprintf(others, " %.*s", (int)n, p);
	}
	return false;
}

static int
tell_missing(
    const struct machine *m, size_t len, const char *others, struct reason *why)
{
	const char *slash = strrchr(m->emulator, '/');
	char *text = listing(m, "-version", NULL);
	char version[32] = "";

	if (text != NULL)
		sscanf(text, "QEMU emulator version %30s", version);
	free(text);
	return machine_fault(m, m->machine != NULL ? "machine" : "target", "",
	    why, "%s %s has no machine \"%.*s\"; \"machine\" can be%s",
	    slash == NULL ? m->emulator : slash + 1, version, (int)len,
	    m->machine_value, others[0] == '\0' ? " another" : others);
}

static int
check_machine(const struct machine *m, struct reason *why)
{
	size_t len = strcspn(m->machine_value, ","), size;
	struct remember remember = {""};
	char question[128], answer[8], *others = NULL;
	int result = 0;

	if (m->aemu || family(m->machine_value, len) == 0 ||
	    snprintf(question, sizeof(question), "machine %.*s", (int)len,
		m->machine_value) >= (int)sizeof(question))
		return 0;
	remember_key(&remember, m->emulator, question);
	if (remember_get(&remember, answer, sizeof(answer)))
		return 0;
	char *list = listing(m, "-machine", "help");
	FILE *out = open_memstream(&others, &size);
	if (list == NULL || out == NULL) {
		if (out != NULL)
			fclose(out);
		goto done;
	}
	bool found = listed(list, m->machine_value, len, out);
	fclose(out);
	if (found)
		remember_put(&remember, "yes");
	else
		result = tell_missing(m, len, others, why);
done:
	free(others);
	free(list);
	return result;
}

int
emulator_look(struct machine *m, struct reason *why)
{
	if (m->monitor == MONITOR_DEFAULT && m->guest == GUEST_FUCHSIA)
		m->monitor = MONITOR_OFF;
	if (m->monitor != MONITOR_OFF && !m->aemu)
		m->monitor_object = has_object(m);
	return check_machine(m, why);
}
