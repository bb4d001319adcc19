#include "helpers.h"

#include "../fatal.h"
#include "../memory.h"
#include "clock.h"
#include "local_socket.h"
#include "path.h"
#include "sweep.h"
#include "verdict.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often to look for a socket. */
static const uint64_t look_ns = 2000000;

void
helpers_add(struct helpers *helpers, const char *text)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || equals[1] == '\0')
		fatal("-H: not SOCKET=COMMAND: %.200s", text);
	if (helpers->count == HELPERS)
		fatal("-H: more than %d helpers", HELPERS);
	char *name = memory_got(strndup(text, (size_t)(equals - text)));
	helpers->list[helpers->count++] =
	    (struct helper){.command = equals + 1, .socket = name, .said = -1};
}

static void
start(const struct helpers *plan, struct helper *helper)
{
	const char *const argv[] = {"/bin/sh", "-c", helper->command, NULL};
	struct reason why;

	char *socket =
	    memory_got(path_absolute(plan->directory, helper->socket));
	free(helper->socket);
	helper->socket = socket;
	helper->said = memfd_create("helper", MFD_CLOEXEC);
	if (helper->said < 0)
		fatal_errno("memory");
	const struct child_plan child = {
	    .argv = argv,
	    .directory = plan->directory,
	    .fds = {CHILD_NULL, helper->said, helper->said},
	    .count = 3,
	    .mask = plan->mask,
	    .session = true,
	};

	if (plan->lease->lease >= 0 &&
	    sweep_note_socket(plan->lease, helper->socket) < 0)
		fatal_errno(helper->socket);
	fatal_if(child_start(&helper->child, &child, &why) < 0, &why);
	guard_add(plan->guard, helper->child.pid);
}

/* Stores how it ended: its status and the last line that it printed. */
static void
describe(const struct helper *helper, int wait_status, struct reason *why)
{
	char text[2048], line[VERDICT_LINE];
	off_t size = lseek(helper->said, 0, SEEK_END);
	off_t from =
	    size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0;
	ssize_t n = pread(helper->said, text, sizeof(text), from);
	bool killed = WIFSIGNALED(wait_status);

	verdict_last_line(text, n > 0 ? (size_t)n : 0, line);
	reason_set(why, "the helper of %s: %s %d%s%s", helper->socket,
	    killed ? "died of signal" : "exit status",
	    killed ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status),
	    line[0] != '\0' ? ": " : "", line);
}

/* Kills it, if it runs. Its number is its own until it is waited for. */
static int
end(struct helper *helper, const struct guard *guard)
{
	if (helper->child.pid == 0)
		return -1;
	guard_drop(guard, helper->child.pid);
	int status = child_end(&helper->child);
	local_socket_remove_dead(helper->socket);
	return status;
}

/* Whether a signal waits for us that ends the run. */
static bool
is_interrupted(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGINT) == 1 ||
	       sigismember(&set, SIGTERM) == 1 ||
	       sigismember(&set, SIGHUP) == 1 ||
	       sigismember(&set, SIGQUIT) == 1;
}

static void
await(const struct helpers *plan, struct helper *helper, uint64_t due)
{
	struct reason why;

	while (!local_socket_is_bound(helper->socket) && !is_interrupted()) {
		if (clock_now() >= due)
			fatal("the helper of %s: it did not listen within "
			      "%.10g s",
			    helper->socket, (double)plan->patience / 1e9);
		if (child_await(&helper->child, clock_now() + look_ns)) {
			describe(helper, end(helper, plan->guard), &why);
			fatal("%s", why.text);
		}
	}
}

void
helpers_start(struct helpers *helpers)
{
	uint64_t due = clock_now() + helpers->patience;

	for (size_t i = 0; i < helpers->count; i++)
		start(helpers, &helpers->list[i]);
	for (size_t i = 0; i < helpers->count; i++)
		await(helpers, &helpers->list[i], due);
}

bool
helpers_reap(struct helpers *helpers, pid_t pid)
{
	for (size_t i = 0; i < helpers->count; i++) {
		struct helper *helper = &helpers->list[i];

		if (helper->child.pid != pid)
			continue;
		describe(
		    helper, end(helper, helpers->guard), &helpers->failure);
		return true;
	}
	return false;
}

void
helpers_end(struct helpers *helpers)
{
	for (size_t i = 0; i < helpers->count; i++)
		end(&helpers->list[i], helpers->guard);
}
