#include "tool.h"

#include "../fatal.h"
#include "child.h"
#include "clock.h"
#include "duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t most = 300000000000; /* nanoseconds */

void
tool_run(const char *tool, const char *image, uint64_t length, double scale)
{
	uint64_t limit = duration_scaled(most, scale);
	char number[24];
	const char *const argv[] = {
	    tool, image, "extend", "--length", number, NULL};
	const struct child_plan plan = {.argv = argv,
	    .fds = {CHILD_NULL, STDERR_FILENO, STDERR_FILENO},
	    .count = 3,
	    .session = true};
	struct child child;
	struct reason why;

	snprintf(number, sizeof(number), "%" PRIu64, length);
	fatal_if(child_start(&child, &plan, &why) < 0, &why);
	bool exited = child_await(&child, clock_now() + limit);
	int status = child_end(&child);
	if (!exited)
		fatal("%s: killed: not done within %g s", tool,
		    (double)limit / 1e9);
	if (WIFSIGNALED(status))
		fatal("%s: died of signal %d", tool, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		fatal("%s: exited %d", tool, WEXITSTATUS(status));
}
