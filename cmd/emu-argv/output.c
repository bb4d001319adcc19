#include "output.h"

#include "../fatal.h"
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
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

void
output_explained(const struct words *words, const struct words *args, FILE *out)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->list[i];
		const char *option = words->list[i].text;

		print_quoted(option, out);
		if (i + 1 < words->count && words->list[i + 1].value) {
			putc(' ', out);
			print_quoted(words->list[++i].text, out);
		}
		fprintf(out, "\t%s\n", word->origin);
		if (strcmp(option, "-append") != 0 || args->count == 0 ||
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
output_json(const struct words *words, FILE *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < words->count; i++) {
		if (json_array_append_new(
			list, json_string(words->list[i].text)) < 0)
			fatal_memory();
	}
	char *text = json_text(list, 0);
	if (text == NULL)
		fatal_memory();
	fprintf(out, "%s\n", text);
	free(text);
	json_decref(list);
}

void
output_shell(const struct words *words, FILE *out)
{
	/* emu-spawn starts the helpers. */
	if (words_emulator(words) > 0)
		fputs("emu-spawn ", out);
	for (size_t i = 0; i < words->count; i++) {
		if (i > 0)
			putc(' ', out);
		print_quoted(words->list[i].text, out);
	}
	putc('\n', out);
}
