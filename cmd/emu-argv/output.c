#include "output.h"

#include "json_string.h"

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
print_explained(const struct words *words, const struct words *args, FILE *out)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->list[i];
		const char *option = words_at(words, i);

		print_quoted(option, out);
		if (i + 1 < words->count && words->list[i + 1].value) {
			putc(' ', out);
			print_quoted(words_at(words, ++i), out);
		}
		fprintf(out, "\t%s\n", word->origin);
		if (strcmp(option, "-append") != 0 || args->count == 0 ||
		    !words->list[i].value)
			continue;
		for (size_t j = 0; j < args->count; j++) {
			putc('\t', out);
			print_quoted(words_at(args, j), out);
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
	if (output == OUTPUT_NUL) {
		fwrite(words->bytes, 1, words->len, out);
		return;
	}
	if (output == OUTPUT_JSON)
		putc('[', out);
	for (size_t i = 0; i < words->count; i++) {
		const char *text = words_at(words, i);

		if (i > 0)
			fputs(output == OUTPUT_JSON ? ", " : " ", out);
		if (output == OUTPUT_JSON)
			json_string_print(out, text, strlen(text));
		else
			print_quoted(text, out);
	}
	fputs(output == OUTPUT_JSON ? "]\n" : "\n", out);
}
