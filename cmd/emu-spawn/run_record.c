#include "run_record.h"

#include "json_text.h"
#include "record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static json_t *
string(const char *value)
{
	return value == NULL ? json_null()
			     : json_text_value(value, strlen(value));
}

/* The last bytes of a line. */
static json_t *
tail(const struct line *line, size_t most)
{
	char *bytes = malloc(most);
	json_t *value = bytes == NULL ? NULL
				      : json_text_value(bytes,
					    line_tail(line, bytes, most));

	free(bytes);
	return value;
}

/* A time of clock_now, in seconds since the start; UINT64_MAX: never. */
static json_t *
seconds(const struct run *run, uint64_t at)
{
	uint64_t microseconds = (at - run->started_at) / 1000;

	return at == UINT64_MAX ? json_null()
				: json_real((double)microseconds / 1e6);
}

static json_t *
words(char *const *argv)
{
	json_t *list = json_array();

	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		if (json_array_append_new(list, string(argv[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
time_of(const struct timespec *time)
{
	char date[32] = "", whole[48];
	struct tm tm;

	if (gmtime_r(&time->tv_sec, &tm) != NULL)
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(
	    whole, sizeof(whole), "%s.%03ldZ", date, time->tv_nsec / 1000000);
	return json_string(whole);
}

static double
seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static json_t *
usage_of(const struct rusage *usage)
{
	return json_pack("{s:f, s:f, s:I}", "user",
	    seconds_of(&usage->ru_utime), "system",
	    seconds_of(&usage->ru_stime), "maxrss",
	    (json_int_t)usage->ru_maxrss);
}

static json_t *
make(const struct run *run)
{
	enum { ERRORS_KEPT = 65536, LINE_KEPT = 8192 };
	const struct verdict *verdict = &run->verdict;
	const struct output *output = &run->output;
	const struct line *line = &output->lines[OUTPUT_SERIAL];
	bool exited = run->ended && WIFEXITED(run->wait_status);
	bool killed = run->ended && WIFSIGNALED(run->wait_status);
	const char *why = verdict->why.text, *name = getenv("EMU_NAME");
	uint64_t came = line->total + line->dropped;
	bool named = name != NULL && name[0] != '\0';
	json_t *named_so = named ? string(name) : NULL;
	struct utsname host;

	uname(&host);
	/* A value that could not be made is NULL, and packing it fails, unless
	 * it need not be there. */
	if (named && named_so == NULL)
		return NULL;
	/* clang-format off */
	return json_pack("{s:o, s:o, s:s, s:i, s:o, s:o, s:o, s:O?, s:s?, s:o, "
	    "s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o*, s:O*}",
	    "argv", words(run->words),
	    "cwd", string(run->cwd),
	    "cause", verdict_cause_name(verdict->cause),
	    "status", verdict->status,
	    "reason", string(why[0] != '\0' ? why : NULL),
	    "exit", exited ? json_integer(WEXITSTATUS(run->wait_status)) : json_null(),
	    "signal", killed ? json_integer(WTERMSIG(run->wait_status)) : json_null(),
	    "qmp", verdict->event,
	    "limit", verdict->limit,
	    "start", time_of(&run->start),
	    "first_byte", seconds(run, output->first_byte),
	    "last_byte", seconds(run, output->last_byte),
	    "end", seconds(run, run->ended_at),
	    "bytes_out", (json_int_t)came,
	    "bytes_in", (json_int_t)run->input.sent,
	    "undelivered", (json_int_t)output_undelivered(output),
	    "rusage", run->ended ? usage_of(&run->emulator.child.usage) : json_null(),
	    "stderr", tail(&output->lines[OUTPUT_ERRORS], ERRORS_KEPT),
	    "line", tail(line, LINE_KEPT),
	    "host", string(host.nodename),
	    "emu", VERSION,
	    "name", named_so,
	    "ports", run->monitor.ports);
	/* clang-format on */
}

int
run_record_write(const struct run *run, struct reason *why)
{
	return record_write(make(run), run->options->record, why);
}
