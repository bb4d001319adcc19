#include "shares.h"

#include "ask.h"
#include "vocabulary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool
is_virtiofs(const struct share *share)
{
	return share->driver == SHARE_VIRTIOFS;
}

static bool
has_virtiofs(const struct machine *m)
{
	for (const struct share *s = m->shares; s != NULL; s = s->next)
		if (is_virtiofs(s))
			return true;
	return false;
}

static void
check_virtiofs(const struct machine *m, const struct share *share)
{
	if (m->aemu)
		machine_fault(m, share->place, "driver",
		    "\"virtiofs\" needs type \"qemu\"");
	if (share->security >= 0)
		machine_fault(
		    m, share->place, "security", "is for driver \"9p\" alone");
}

/* The program that serves a share, which has to be able to keep it read-only:
 * virtiofsd of QEMU, before 8.0, is not. */
static const char *
find_virtiofsd(const struct machine *m, const char *place)
{
	/* In PATH, or where distributions have it. */
	static const char *const programs[] = {"virtiofsd",
	    "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd",
	    "/usr/lib/qemu/virtiofsd"};
	const char *unfit = NULL;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const char *argv[] = {programs[i], "--help", NULL};
		char *text = ask_remembered(argv, m->scale);
		bool fit = text != NULL && strstr(text, "--readonly") != NULL;

		if (text != NULL)
			unfit = programs[i];
		free(text);
		if (fit)
			return programs[i];
	}
	if (unfit != NULL)
		machine_fault(m, place, "driver",
		    "%s cannot keep a share read-only; virtiofsd 1.11 or newer "
		    "can (Debian 13: virtiofsd)",
		    unfit);
	machine_fault(
	    m, place, "driver", "virtiofsd: not found (Debian: virtiofsd)");
}

void
shares_complete(struct machine *m)
{
	int number = 0;

	for (const struct helper *h = m->helpers; h != NULL; h = h->next) {
		if (strchr(h->socket, '=') != NULL)
			machine_fault(m, h->place, "socket",
			    "a \"=\" in it: \"%s\"", h->socket);
	}
	for (struct share *s = m->shares; s != NULL; s = s->next) {
		s->number = number++;
		if (!is_virtiofs(s))
			continue;
		check_virtiofs(m, s);
		if (m->virtiofsd == NULL)
			m->virtiofsd = find_virtiofsd(m, s->place);
	}
}

/* One word of a shell. */
static void
words_quoted(struct words *words, const char *text)
{
	char letter[2] = "";

	words_more(words, "'");
	for (; *text != '\0'; text++) {
		letter[0] = *text;
		words_more(words, *text == '\'' ? "'\\''" : letter);
	}
	words_more(words, "'");
}

/* virtiofsd cannot make "/" the root of a sandbox, which would hide nothing.
 * What is mounted in the share is part of it: the guest's overlayfs refuses
 * mounts that the kernel makes on the way (EREMOTE). */
static void
virtiofs_helper(
    const struct machine *m, const struct share *share, struct words *words)
{
	words_format(words, share->place, "-H",
	    "virtiofs%d.sock=exec %s --socket-path=virtiofs%d.sock "
	    "--log-level=error --inode-file-handles=prefer "
	    "--no-announce-submounts --shared-dir=",
	    share->number, m->virtiofsd, share->number);
	words_quoted(words, share->path);
	if (strcmp(share->path, "/") == 0)
		words_more(words, " --sandbox=none");
	if (share->readonly)
		words_more(words, " --readonly");
}

void
shares_helpers(const struct machine *m, struct words *words)
{
	for (const struct helper *h = m->helpers; h != NULL; h = h->next) {
		words_format(
		    words, h->place, "-H", "%s=%s", h->socket, h->command);
	}
	for (const struct share *s = m->shares; s != NULL; s = s->next)
		if (is_virtiofs(s))
			virtiofs_helper(m, s, words);
}

void
shares_machine(const struct machine *m, struct words *words)
{
	if (has_virtiofs(m))
		words_more(words, ",memory-backend=shared");
}

static void
virtiofs_words(
    const struct machine *m, const struct share *share, struct words *words)
{
	words_format(words, share->place, "-chardev",
	    "socket,id=virtiofs%d,path=virtiofs%d.sock", share->number,
	    share->number);
	words_format(words, share->place, "-device",
	    "vhost-user-fs-%s,chardev=virtiofs%d", m->bus, share->number);
	words_text(words, ",tag=", share->tag);
}

static void
plan9_words(
    const struct machine *m, const struct share *share, struct words *words)
{
	int security = share->security < 0 ? 0 : share->security;

	words_format(
	    words, share->place, "-fsdev", "local,id=share%d", share->number);
	words_text(words, ",path=", share->path);
	words_text(words, ",security_model=", share_securities[security]);
	if (share->readonly)
		words_more(words, ",readonly=on");
	/* A share may hold mounts: inode numbers are made unique. */
	words_more(words, ",multidevs=remap");
	words_format(words, share->place, "-device",
	    "virtio-9p-%s,fsdev=share%d", m->bus, share->number);
	words_text(words, ",mount_tag=", share->tag);
}

void
shares_words(const struct machine *m, struct words *words)
{
	for (const struct share *s = m->shares; s != NULL; s = s->next)
		(is_virtiofs(s) ? virtiofs_words : plan9_words)(m, s, words);
	if (!has_virtiofs(m))
		return;
	words_format(words, "shares", "-object",
	    "memory-backend-memfd,id=shared,share=on,size=%" PRId64 "M",
	    m->memory);
}
