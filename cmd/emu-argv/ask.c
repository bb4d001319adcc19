#include "ask.h"

#include "clock.h"
#include "duration.h"
#include "remember.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BYTES = 4 << 20 };

int
ask_run(struct ask *ask, struct reason *why)
{
	const struct rlimit no_core = {0, 0};
	const struct child_plan plan = {
	    .argv = ask->argv,
	    .fds = {CHILD_NULL, CHILD_WRITES, CHILD_WRITES, ask->file},
	    .count = ask->file < 0 ? 3 : 4,
	    .session = true,
	};
	struct exchange *exchange = &ask->exchange;
	struct child child = {0};

	exchange->first = duration_scaled(exchange->first, ask->scale);
	exchange->rest = duration_scaled(exchange->rest, ask->scale);
	exchange->most = BYTES;
	if (child_start(&child, &plan, why) < 0)
		return -1;
	prlimit(child.pid, RLIMIT_CORE, &no_core, NULL);
	ask->end = exchange_run(exchange, &child);
	if (ask->end == EXCHANGE_FAILED)
		reason_errno(why, "%s", ask->argv[0]);
	ask->status = child_end(&child);
	return ask->end == EXCHANGE_FAILED ? -1 : 0;
}

const char *
ask_complaint(struct ask *ask)
{
	char *rest = ask->exchange.err, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] != '\0' && strstr(line, "warning: ") == NULL)
			return line;
	}
	return "";
}

char *
ask_listing(
    const char *const *argv, unsigned seconds, double scale, struct reason *why)
{
	const uint64_t limit = seconds * UINT64_C(1000000000);
	struct ask ask = {
	    .argv = argv,
	    .file = -1,
	    .scale = scale,
	    .exchange = {.first = limit, .rest = limit},
	};
	char *out = NULL;

	if (ask_run(&ask, why) == 0) {
		if (ask.end == EXCHANGE_SILENT || ask.end == EXCHANGE_SLOW)
			reason_set(why, "%s: no answer within %g s", argv[0],
			    seconds * scale);
		else if (ask.status != 0)
			reason_set(why, "%s: it failed: %s", argv[0],
			    ask_complaint(&ask));
		else
			out = ask.exchange.out;
	}
	if (out == NULL)
		free(ask.exchange.out);
	free(ask.exchange.err);
	return out;
}

char *
ask_remembered(const char *const *argv, double scale)
{
	struct reason why;
	char question[64];

	snprintf(question, sizeof(question), "%s %s", argv[1],
	    argv[2] == NULL ? "" : argv[2]);
	char *text = remember_get(argv[0], question);
	if (text != NULL)
		return text;
	/* A loaded machine takes its time; without an answer, what is older
	 * than the question is assumed. */
	text = ask_listing(argv, 30, scale, &why);
	if (text != NULL)
		remember_put(argv[0], question, text);
	return text;
}
