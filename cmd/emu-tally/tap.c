#include "tap.h"

#include <string.h>

/* A description must hold no newline, and "#" begins a directive. */
static void
print_name(const char *name, FILE *out)
{
	for (; *name != '\0'; name++) {
		if (*name == '#' || *name == '\\')
			fputc('\\', out);
		fputc((unsigned char)*name < ' ' ? '?' : *name, out);
	}
}

static void
print_comment(const char *prefix, const char *text, FILE *out)
{
	while (*text != '\0') {
		int len = (int)strcspn(text, "\n");

		fprintf(out, "# %s%.*s\n", prefix, len, text);
		text += len + (text[len] == '\n');
	}
}

static void
print_failure(const struct run *run, FILE *out)
{
	if (run->whole)
		fprintf(out, "# %s, status %d\n", run->cause, run->status);
	print_comment("", run->reason, out);
	print_comment("host: ", run->host, out);
	print_comment("record: ", run->file, out);
	print_comment("| ", run->line, out);
}

void
tap_print(const struct runs *runs, FILE *out)
{
	fprintf(out, "TAP version 14\n1..%zu\n", runs->count);
	for (size_t i = 0; i < runs->count; i++) {
		const struct run *run = &runs->list[i];

		if (!run->passed)
			print_failure(run, out);
		fprintf(out, "%sok %zu - ", run->passed ? "" : "not ", i + 1);
		print_name(run->name, out);
		fputc('\n', out);
	}
}
