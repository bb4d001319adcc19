#include "run_record.h"

#include "json_text.h"
#include "output_file.h"
#include "utf8.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* A string of any bytes: what is no UTF-8, and a NUL, which many a reader of
 * JSON refuses, is replaced. */
static json_t *
text(const char *bytes, size_t len)
{
	char *clean = malloc(3 * len + 1);
	size_t n = 0;
	json_t *value;

	if (clean == NULL)
		return NULL;
	while (len > 0) {
		size_t size = bytes[0] == '\0' ? 0 : utf8_length(bytes, len);

		memcpy(clean + n, size > 0 ? bytes : replacement,
		    size > 0 ? size : 3);
		n += size > 0 ? size : 3;
		size += size == 0;
		bytes += size;
		len -= size;
	}
	value = json_stringn(clean, n);
	free(clean);
	return value;
}

static json_t *
string(const char *value)
{
	return value == NULL ? json_null() : text(value, strlen(value));
}

static json_t *
seconds(uint64_t ns)
{
	uint64_t microseconds = ns / 1000;

	return ns == UINT64_MAX ? json_null()
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
usage_of(const struct run_record *record)
{
	const struct rusage *usage = &record->usage;

	if (!record->started)
		return json_null();
	return json_pack("{s:f, s:f, s:I}", "user",
	    seconds_of(&usage->ru_utime), "system",
	    seconds_of(&usage->ru_stime), "maxrss",
	    (json_int_t)usage->ru_maxrss);
}

/* The caller's name for the run, and where it ran. */
static int
add_origin(json_t *object)
{
	const char *name = getenv("EMU_NAME");
	struct utsname host;

	if (name != NULL && name[0] != '\0' &&
	    json_object_set_new(object, "name", string(name)) < 0)
		return -1;
	if (uname(&host) < 0)
		return -1;
	return json_object_set_new(object, "host", string(host.nodename)) |
	       json_object_set_new(object, "emu", json_string(VERSION));
}

static int
add_verdict(json_t *object, const struct run_record *record)
{
	const struct verdict *verdict = record->verdict;
	int status = record->wait_status;
	bool exited = record->started && WIFEXITED(status);
	bool killed = record->started && WIFSIGNALED(status);
	const char *why = verdict->why.text;

	return json_object_set_new(object, "cause",
		   json_string(verdict_cause_name(verdict->cause))) |
	       json_object_set_new(
		   object, "status", json_integer(verdict->status)) |
	       json_object_set_new(
		   object, "reason", string(why[0] != '\0' ? why : NULL)) |
	       json_object_set_new(object, "exit",
		   exited ? json_integer(WEXITSTATUS(status)) : json_null()) |
	       json_object_set_new(object, "signal",
		   killed ? json_integer(WTERMSIG(status)) : json_null()) |
	       json_object_set_new(object, "qmp",
		   verdict->event != NULL ? json_incref(verdict->event)
					  : json_null()) |
	       json_object_set_new(object, "limit", string(verdict->limit));
}

static int
add_course(json_t *object, const struct run_record *record)
{
	return json_object_set_new(object, "start", time_of(&record->start)) |
	       json_object_set_new(
		   object, "first_byte", seconds(record->first_byte)) |
	       json_object_set_new(
		   object, "last_byte", seconds(record->last_byte)) |
	       json_object_set_new(object, "end", seconds(record->end)) |
	       json_object_set_new(object, "bytes_out",
		   json_integer((json_int_t)record->bytes_out)) |
	       json_object_set_new(object, "bytes_in",
		   json_integer((json_int_t)record->bytes_in)) |
	       json_object_set_new(object, "undelivered",
		   json_integer((json_int_t)record->undelivered)) |
	       json_object_set_new(object, "rusage", usage_of(record)) |
	       json_object_set_new(
		   object, "stderr", text(record->errors, record->errors_len)) |
	       json_object_set_new(
		   object, "line", text(record->line, record->line_len));
}

int
run_record_write(
    const struct run_record *record, const char *file, struct reason *why)
{
	json_t *object = json_object();
	char *printed = NULL, *whole = NULL;
	int result = -1, len = -1;

	/* A value that could not be made is NULL, and setting it fails. */
	if (object != NULL &&
	    json_object_set_new(object, "argv", words(record->argv)) == 0 &&
	    json_object_set_new(object, "cwd", string(record->cwd)) == 0 &&
	    add_verdict(object, record) == 0 &&
	    add_course(object, record) == 0 && add_origin(object) == 0)
		printed =
		    json_text(object, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	if (printed != NULL)
		len = asprintf(&whole, "%s\n", printed);
	if (len < 0)
		reason_memory(why);
	else
		result = output_file_write(file, whole, (size_t)len, why);
	json_decref(object);
	free(printed);
	if (len >= 0)
		free(whole);
	return result;
}
