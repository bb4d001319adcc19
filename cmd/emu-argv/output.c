#include "output.h"

#include <stdbool.h>
#include <string.h>

/* One word as a shell reads it. */
static void
print_quoted(const char *text, FILE *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%_+:,./-=";

	/* A first word with = would be an assignment, but that is a path. */
	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		fputs(text, out);
		return;
	}
	putc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			putc(*text, out);
	}
	putc('\'', out);
}

static void
print_json(const char *text, FILE *out)
{
	putc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void
print_explained(const struct words *words, const struct words *args, FILE *out)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->list[i];

		print_quoted(word->text, out);
		if (i + 1 < words->count && words->list[i + 1].value) {
			putc(' ', out);
			print_quoted(words->list[++i].text, out);
		}
		fprintf(out, "\t%s\n", word->origin);
		if (strcmp(word->text, "-append") != 0 || args->count == 0 ||
		    !words->list[i].value)
			continue;
		for (size_t j = 0; j < args->count; j++) {
			putc('\t', out);
			print_quoted(args->list[j].text, out);
			fprintf(out, "\t%s\n", args->list[j].origin);
		}
	}
}

void
output_words(const struct words *words, const struct words *args,
    enum output output, FILE *out)
{
	if (output == OUTPUT_EXPLAIN) {
		print_explained(words, args, out);
		return;
	}
	if (output == OUTPUT_JSON)
		putc('[', out);
	for (size_t i = 0; i < words->count; i++) {
		const char *text = words->list[i].text;

		if (output == OUTPUT_NUL) {
			fputs(text, out);
			putc('\0', out);
			continue;
		}
		if (i > 0)
			fputs(output == OUTPUT_JSON ? ", " : " ", out);
		if (output == OUTPUT_JSON)
			print_json(text, out);
		else
			print_quoted(text, out);
	}
	if (output == OUTPUT_JSON)
		putc(']', out);
	if (output != OUTPUT_NUL)
		putc('\n', out);
}
