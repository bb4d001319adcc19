#include "args.h"

#include "drives.h"

#include <string.h>

/* The value of the key that ends the argument, or NULL. */
static const char *
keyed(const struct machine *m, const char *key)
{
	if (strcmp(key, "entropy") == 0)
		return m->entropy;
	return m->nodename != NULL ? m->nodename : m->flavor.nodename;
}

static void
add_botanist(const struct machine *m, struct words *args)
{
	for (size_t i = 0; i < json_array_size(m->flavor.args); i++) {
		const char *text = "", *target = NULL, *key = NULL;
		const char *origin = m->rule, *value = "";

		json_unpack(json_array_get(m->flavor.args, i),
		    "{s:s, s?s, s?s, s?s}", "text", &text, "target", &target,
		    "key", &key, "origin", &origin);
		if (target != NULL && strcmp(target, m->target->name) != 0)
			continue;
		if (key != NULL) {
			value = keyed(m, key);
			origin = machine_origin(m, key);
		}
		if (value == NULL)
			continue;
		words_add(args, origin, text);
		words_more(args, value);
	}
}

/* A console that is seen, and a panic that ends the machine at once: it resets,
 * and -no-reboot makes that its end. */
static void
add_linux(const struct machine *m, struct words *args)
{
	if (m->console[0] != '\0') {
		words_add(args, m->console_place, "console=");
		words_more(args, m->console);
	}
	if (!m->reboot)
		words_add(args, m->rule, "panic=-1");
}

void
args_make(const struct machine *m, struct words *args)
{
	if (m->guest == GUEST_FUCHSIA)
		add_botanist(m, args);
	else if (m->guest == GUEST_LINUX && m->kernel.image != NULL)
		add_linux(m, args);
	drives_root_args(m, args);
	for (size_t i = 0; i < m->args.count; i++) {
		const struct text *own =
		    &((const struct text *)m->args.items)[i];

		words_add(args, own->place, own->text);
	}
	if (m->aemu)
		words_sort(args);
}
