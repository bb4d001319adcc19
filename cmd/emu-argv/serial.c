#include "serial.h"

#include <string.h>

enum kind { KIND_UART, KIND_VIRTCONSOLE, KIND_PCI };
enum backend {
	BACKEND_STDIO,
	BACKEND_NULL,
	BACKEND_FILE,
	BACKEND_SOCKET,
	BACKEND_PTY,
};

static const char *const kind_names[] = {"uart", "virtconsole", "pci", NULL};
static const char *const backend_names[] = {
    "stdio", "null", "file", "socket", "pty", NULL};
static const char *const serial_keys[] = {
    "kind", "backend", "id", "path", "logfile", "signal", NULL};

struct line {
	const char *origin, *id;
	enum kind kind;
	enum backend backend;
	const char *path, *logfile;
	bool signal;
};

static void
add_chardev(struct build *build, const struct line *line)
{
	struct words *words = &build->words;

	words_option(words, line->origin, "-chardev", "%s,id=%s",
	    backend_names[line->backend], line->id);
	if (line->path != NULL)
		words_more(words, ",path=%s",
		    words_commas(words, build_path(build, line->path)));
	if (line->backend == BACKEND_SOCKET)
		words_more(words, ",server=on,wait=off");
	if (line->logfile != NULL)
		words_more(words, ",logfile=%s",
		    words_commas(words, build_path(build, line->logfile)));
	if (line->backend == BACKEND_STDIO && !line->signal)
		words_more(words, ",signal=off");
	if (line->backend == BACKEND_STDIO && build->aemu)
		words_more(words, ",echo=off");
}

static void
add_device(struct build *build, const struct line *line, bool *bus)
{
	struct words *words = &build->words;

	switch (line->kind) {
	case KIND_UART:
		words_option(
		    words, line->origin, "-serial", "chardev:%s", line->id);
		break;
	case KIND_PCI:
		words_option(words, line->origin, "-device",
		    "pci-serial,chardev=%s", line->id);
		break;
	case KIND_VIRTCONSOLE:
		if (!*bus)
			words_option(words, line->origin, "-device",
			    "virtio-serial-%s,id=serial0", build->bus);
		*bus = true;
		words_option(words, line->origin, "-device",
		    "virtconsole,chardev=%s", line->id);
		break;
	}
}

static struct line
read_line(struct build *build, const struct place *place, size_t i)
{
	struct line line = {.origin = build_origin(build, place, "")};

	place_check(place, serial_keys, true);
	line.kind = (enum kind)place_choice(place, "kind", kind_names, 0);
	line.backend = (enum backend)place_choice(place, "backend",
	    backend_names, i == 0 ? BACKEND_STDIO : BACKEND_NULL);
	line.id = build_id(build, place, "char", i);
	line.path = place_text(place, "path", NULL);
	line.logfile = place_text(place, "logfile", NULL);
	line.signal = place_bool(place, "signal", false);
	bool needs =
	    line.backend == BACKEND_FILE || line.backend == BACKEND_SOCKET;
	if (needs && line.path == NULL)
		place_fault(place, "path", "missing");
	if (!needs && line.path != NULL)
		place_fault(place, "path", "is for a file or a socket, not %s",
		    backend_names[line.backend]);
	return line;
}

bool
serial_plain(const struct build *build)
{
	return build->guest == GUEST_FUCHSIA &&
	       !build->flavor->serial_chardev &&
	       !place_has(&build->root, "serials");
}

void
serial_add(struct build *build)
{
	json_t *array = place_array(&build->root, "serials");
	size_t stdio = 0;
	bool bus = false;

	if (serial_plain(build))
		return;
	if (array == NULL) {
		struct line line = {.origin = build->rule, .id = "char0"};

		add_chardev(build, &line);
		add_device(build, &line, &bus);
		return;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct place place =
		    place_element(&build->root, "serials", array, i);
		struct line line = read_line(build, &place, i);

		stdio += line.backend == BACKEND_STDIO;
		if (stdio > 1)
			place_fault(
			    &place, "backend", "only one line can be on stdio");
		if (build->reader.failed)
			return;
		add_chardev(build, &line);
		add_device(build, &line, &bus);
	}
}
