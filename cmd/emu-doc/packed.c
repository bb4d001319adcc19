#include "packed.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	HEAD = 128 * 1024, /* of what is inside */
};

extern char **environ;

/* Runs `program -dc` on the file. Returns 0 with a pipe's end, or an errno. */
static int
start(const struct source *source, const char *program, int *out, pid_t *pid)
{
	char name[16], option[] = "-dc";
	char *argv[] = {name, option, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];

	strncpy(name, program, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (lseek(source->fd, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	int error = posix_spawn_file_actions_init(&actions);
	if (error == 0) {
		posix_spawn_file_actions_adddup2(&actions, source->fd, 0);
		posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
		posix_spawn_file_actions_addopen(
		    &actions, 2, "/dev/null", O_WRONLY, 0);
		error =
		    posix_spawnp(pid, program, &actions, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (error != 0)
		close(ends[0]);
	else
		*out = ends[0];
	return error;
}

/* Reads until size or the end; what comes is what there is. */
static size_t
read_head(int fd, uint8_t *buffer, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, buffer + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return have;
}

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
	if (bad) {
		kind->wrong = "cut short or damaged";
	} else if (inside->class == KIND_INITRD) {
		kind->class = KIND_INITRD;
	} else if (inside->class == KIND_KERNEL && inside->target != NULL &&
		   strcmp(inside->target, "arm64") == 0 && inside->linux &&
		   strcmp(kind->format, "gzip") == 0) {
		/* The one that QEMU unpacks itself. */
		kind->class = KIND_KERNEL;
		kind->target = inside->target;
		kind->linux = true;
	} else if (inside->class == KIND_UNKNOWN) {
		kind->wrong = "what it holds is neither an initrd nor "
			      "anything else known here";
	} else if (inside->class == KIND_USELESS) {
		kind->wrong = "it holds nothing to boot";
	} else {
		kind->wrong = "unpack it first";
	}
}

int
packed_look(struct source *source, const char *file, struct kind *kind,
    struct reason *why)
{
	struct source inside = {.fd = -1};
	struct kind found;
	int fd = -1, status = 0;
	pid_t pid = -1;

	int error = start(source, kind->format, &fd, &pid);
	if (error != 0) {
		errno = error;
		return reason_errno(why, "%s: %s, to be looked at by %s", file,
		    kind->what, kind->format);
	}
	uint8_t *head = malloc(HEAD);
	if (head != NULL)
		inside.size = read_head(fd, head, HEAD);
	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (head == NULL)
		return reason_memory(why);
	inside.bytes = head;
	kind_of(&inside, &found);
	bool bad = inside.size == 0 || (inside.size < HEAD && is_bad(status));
	judge(&found, bad, kind);
	free(head);
	return 0;
}
