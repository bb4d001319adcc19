#include "serial.h"

#include "vocabulary.h"

#include <string.h>

static void
complete(struct machine *m, struct serial *line, size_t i)
{
	if (line->backend < 0)
		line->backend = i == 0 ? SERIAL_STDIO : SERIAL_NULL;
	bool needs =
	    line->backend == SERIAL_FILE || line->backend == SERIAL_SOCKET;
	if (needs && line->path == NULL)
		machine_fault(m, line->place, "path", "missing");
	if (!needs && line->path != NULL)
		machine_fault(m, line->place, "path",
		    "is for a file or a socket, not %s",
		    serial_backends[line->backend]);
	machine_take_id(m, line->place, "char", i, &line->id);
}

/* What a Linux calls the first line, and where that comes from: its uart comes
 * before what is on PCI. */
static void
find_console(struct machine *m)
{
	const struct serial *first = m->serials;
	bool pc = strcmp(m->target->console, "ttyS0") == 0;
	size_t uarts = 0;

	for (const struct serial *s = first; s != NULL && pc; s = s->next)
		uarts += s->kind == SERIAL_UART;
	m->console_place = m->console != NULL ? "console" : "target (its uart)";
	if (m->console != NULL)
		return;
	m->console = m->target->console;
	if (first == NULL || first->kind == SERIAL_UART)
		return;
	m->console_place = first->place;
	m->console = first->kind == SERIAL_VIRTCONSOLE
			 ? "hvc0"
			 : machine_text(m, "ttyS%zu", uarts);
}

void
serial_complete(struct machine *m)
{
	bool own = machine_has(m, "serials");
	size_t stdio = 0, i = 0;

	m->plain_serial = m->guest == GUEST_FUCHSIA &&
			  !m->flavor.serial_chardev && !own &&
			  m->logfile == NULL;
	if (m->logfile != NULL && own)
		machine_fault(
		    m, "logfile", "", "each of \"serials\" has its own");
	if (!own && !m->plain_serial) {
		m->serials = machine_take(m, sizeof(*m->serials));
		m->serials->place = m->rule;
		m->serials->backend = SERIAL_STDIO;
		m->serials->logfile = m->logfile;
	}
	for (struct serial *line = m->serials; line != NULL;
	     line = line->next) {
		complete(m, line, i++);
		stdio += line->backend == SERIAL_STDIO;
		if (stdio > 1)
			machine_fault(m, line->place, "backend",
			    "only one line can be on stdio");
	}
	find_console(m);
}

static void
chardev_words(
    const struct machine *m, const struct serial *line, struct words *words)
{
	words_format(words, line->place, "-chardev", "%s,id=%s",
	    serial_backends[line->backend], line->id);
	words_text(words, ",path=", line->path);
	if (line->backend == SERIAL_SOCKET)
		words_more(words, ",server=on,wait=off");
	words_text(words, ",logfile=", line->logfile);
	if (line->backend == SERIAL_STDIO && !line->signal)
		words_more(words, ",signal=off");
	if (line->backend == SERIAL_STDIO && m->aemu)
		words_more(words, ",echo=off");
}

void
serial_words(const struct machine *m, struct words *words)
{
	bool bus = false;

	for (const struct serial *line = m->serials; line != NULL;
	     line = line->next) {
		chardev_words(m, line, words);
		if (line->kind == SERIAL_UART) {
			words_format(words, line->place, "-serial",
			    "chardev:%s", line->id);
			continue;
		}
		if (line->kind == SERIAL_VIRTCONSOLE && !bus) {
			words_format(words, line->place, "-device",
			    "virtio-serial-%s,id=serial0", m->bus);
			bus = true;
		}
		words_format(words, line->place, "-device", "%s,chardev=%s",
		    line->kind == SERIAL_PCI ? "pci-serial" : "virtconsole",
		    line->id);
	}
}
