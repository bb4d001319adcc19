#include "report.h"

#include "json_string.h"
#include "output_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void
print_string(FILE *out, const char *key, const char *text)
{
	fprintf(out, ",\n  \"%s\": ", key);
	if (text == NULL)
		fputs("null", out);
	else
		json_string_print(out, text, strlen(text));
}

static void
print_number(FILE *out, const char *key, bool known, int64_t number)
{
	fprintf(out, ",\n  \"%s\": ", key);
	if (known)
		fprintf(out, "%" PRId64, number);
	else
		fputs("null", out);
}

static void
print_seconds(FILE *out, const char *key, uint64_t ns)
{
	fprintf(out, ",\n  \"%s\": ", key);
	if (ns == UINT64_MAX)
		fputs("null", out);
	else
		fprintf(out, "%" PRIu64 ".%06" PRIu64, ns / 1000000000,
		    ns % 1000000000 / 1000);
}

static void
print_argv(FILE *out, char *const *argv)
{
	fputs("{\n  \"argv\": [", out);
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++) {
		if (i > 0)
			fputs(", ", out);
		json_string_print(out, argv[i], strlen(argv[i]));
	}
	putc(']', out);
}

static void
print_verdict(FILE *out, const struct report *report)
{
	const struct verdict *verdict = report->verdict;
	int status = report->wait_status;
	bool exited = report->started && WIFEXITED(status);
	bool killed = report->started && WIFSIGNALED(status);

	print_string(out, "cause", verdict_cause_name(verdict->cause));
	print_number(out, "status", true, verdict->status);
	print_string(out, "reason",
	    verdict->why.text[0] != '\0' ? verdict->why.text : NULL);
	print_number(out, "exit", exited, WEXITSTATUS(status));
	print_number(out, "signal", killed, WTERMSIG(status));
	/* The event was checked to be JSON when it came. */
	fprintf(out, ",\n  \"qmp\": %s",
	    verdict->event != NULL ? verdict->event : "null");
	print_string(out, "limit", verdict->limit);
}

static void
print_start(FILE *out, const struct timespec *start)
{
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&start->tv_sec, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(out, ",\n  \"start\": \"%s.%03ldZ\"", text,
	    start->tv_nsec / 1000000);
}

static void
print_usage(FILE *out, const struct report *report)
{
	const struct rusage *usage = &report->usage;

	fputs(",\n  \"rusage\": ", out);
	if (!report->started) {
		fputs("null", out);
		return;
	}
	fprintf(out,
	    "{\"user\": %lld.%06ld, \"system\": %lld.%06ld, \"maxrss\": %ld}",
	    (long long)usage->ru_utime.tv_sec, usage->ru_utime.tv_usec,
	    (long long)usage->ru_stime.tv_sec, usage->ru_stime.tv_usec,
	    usage->ru_maxrss);
}

static void
print(FILE *out, const struct report *report)
{
	print_argv(out, report->argv);
	print_string(out, "cwd", report->cwd);
	print_verdict(out, report);
	print_start(out, &report->start);
	print_seconds(out, "first_byte", report->first_byte);
	print_seconds(out, "last_byte", report->last_byte);
	print_seconds(out, "end", report->end);
	print_number(out, "bytes_out", true, (int64_t)report->bytes_out);
	print_number(out, "bytes_in", true, (int64_t)report->bytes_in);
	print_number(out, "undelivered", true, (int64_t)report->undelivered);
	print_usage(out, report);
	fputs(",\n  \"stderr\": ", out);
	json_string_print(out, report->errors != NULL ? report->errors : "",
	    report->errors_len);
	fputs("\n}\n", out);
}

struct text {
	char *bytes;
	size_t len;
};

/* What open_memstream(3) has no memory for it leaves out without a word. */
static ssize_t
append(void *cookie, const char *bytes, size_t len)
{
	struct text *text = cookie;
	char *grown = realloc(text->bytes, text->len + len);

	if (grown == NULL)
		return 0;
	memcpy(grown + text->len, bytes, len);
	text->bytes = grown;
	text->len += len;
	return (ssize_t)len;
}

int
report_write(const struct report *report, const char *file, struct reason *why)
{
	struct text text = {0};
	FILE *out =
	    fopencookie(&text, "w", (cookie_io_functions_t){.write = append});
	int result;

	if (out == NULL)
		return reason_errno(why, "%s", file);
	print(out, report);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed)
		result = reason_errno(why, "%s", file);
	else
		result = output_file_write(file, text.bytes, text.len, why);
	free(text.bytes);
	return result;
}
