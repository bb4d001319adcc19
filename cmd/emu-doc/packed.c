#include "packed.h"

#include "../fatal.h"
#include "exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	HEAD = 128 * 1024, /* of what is inside */
};

/* Whether the program says that the data is bad. Status 2 is a warning of
 * gzip's and xz's; one that was stopped at the end of the head says nothing. */
static bool
is_bad(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
	       WEXITSTATUS(status) != 2;
}

static void
judge(const struct kind *inside, bool bad, struct kind *kind)
{
	bool staged = strcmp(kind->format, "lzop") != 0; /* by emu-stage */
	bool boots = inside->bios || inside->uefi ||
		     inside->root != ROOT_NONE || inside->opaque;

	if (bad) {
		kind->wrong = "cut short or damaged";
	} else if (inside->class == KIND_INITRD) {
		kind->class = KIND_INITRD;
	} else if (inside->class == KIND_UNKNOWN) {
		kind->wrong = "what it holds is neither an initrd nor "
			      "anything else known here";
	} else if (inside->class == KIND_USELESS) {
		kind->wrong = "it holds nothing to boot";
	} else if (staged && (inside->class == KIND_KERNEL ||
				 (inside->class == KIND_DISK && boots &&
				     !inside->sparse) ||
				 inside->class == KIND_CDROM)) {
		/* QEMU unpacks such a kernel itself. */
		bool own = inside->class == KIND_KERNEL &&
			   inside->target != NULL && inside->is_linux &&
			   strcmp(inside->target->name, "arm64") == 0 &&
			   strcmp(kind->format, "gzip") == 0;
		*kind = *inside;
		kind->packed = !own;
	} else {
		kind->wrong = "unpack it first";
	}
}

/* Runs `program -dc` on the file, until the head is there. Returns its
 * status. */
static int
unpack_head(const struct source *source, const char *file,
    const struct kind *kind, struct exchange *head)
{
	const char *const argv[] = {kind->format, "-dc", NULL};
	const struct child_plan plan = {.argv = argv,
	    .fds = {source->fd, CHILD_WRITES, CHILD_NULL},
	    .count = 3,
	    .session = true};
	struct child child;
	struct reason why;

	if (lseek(source->fd, 0, SEEK_SET) < 0)
		fatal_errno(file);
	if (child_start(&child, &plan, &why) < 0)
		fatal("%s: %s, to be looked at by %s", file, kind->what,
		    why.text);
	enum exchange_end end = exchange_run(head, &child);
	int error = errno, status = child_end(&child);
	if (end == EXCHANGE_FAILED)
		fatal("%s: %s, to be looked at by %s: %s", file, kind->what,
		    kind->format, strerror(error));
	return status;
}

void
packed_look(struct source *source, const char *file, struct kind *kind)
{
	struct exchange head = {
	    .first = UINT64_MAX / 2, .rest = UINT64_MAX / 2, .most = HEAD};
	struct source inside = {.targets = source->targets, .fd = -1};
	struct kind found;

	int status = unpack_head(source, file, kind, &head);
	inside.bytes = (uint8_t *)head.out;
	inside.size = inside.len = head.out_size;
	bool bad = inside.size == 0 || (inside.size < HEAD && is_bad(status));
	if (inside.size == HEAD) /* something longer has this head */
		inside.size = 1ULL << 62;
	kind_of(&inside, &found);
	/* Of an image its head does not tell what is on the disk. */
	if (found.class == KIND_DISK && strcmp(found.format, "raw") != 0)
		found = (struct kind){.class = KIND_DISK,
		    .what = found.what,
		    .format = found.format,
		    .opaque = true};
	judge(&found, bad, kind);
	free(head.out);
	free(head.err);
}
