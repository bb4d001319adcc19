#include "tool.h"

#include "child.h"
#include "clock.h"
#include "duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t most = 300000000000; /* nanoseconds */

static int
judge(const char *tool, int status, struct reason *why)
{
	if (WIFSIGNALED(status))
		return reason_set(
		    why, "%s: died of signal %d", tool, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return reason_set(
		    why, "%s: exited %d", tool, WEXITSTATUS(status));
	return 0;
}

int
tool_run(const char *tool, const char *image, uint64_t length, double scale,
    struct reason *why)
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

	snprintf(number, sizeof(number), "%" PRIu64, length);
	if (child_start(&child, &plan, why) < 0)
		return -1;
	bool exited = child_await(&child, clock_now() + limit);
	int status = child_end(&child);
	if (!exited)
		return reason_set(why, "%s: killed: not done within %g s", tool,
		    (double)limit / 1e9);
	return judge(tool, status, why);
}
