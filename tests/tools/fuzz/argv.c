/* emu-argv from any bytes: words, or one line that says why not. What it writes
 * as JSON is read back as the same words. */
#include "document.h"
#include "emit.h"
#include "load.h"
#include "output.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
print(const struct words *words, const struct words *args, enum output output)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	output_words(words, args, output, f);
	fclose(f);
	return text;
}

static void
check_words(const struct words *words, const struct words *args)
{
	char *json = print(words, args, OUTPUT_JSON);
	json_t *list = json_loads(json, 0, NULL);

	if (json_array_size(list) != words->count)
		abort();
	for (size_t i = 0; i < words->count; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word == NULL || strcmp(word, words_at(words, i)) != 0 ||
		    words->list[i].origin[0] == '\0')
			abort();
	}
	json_decref(list);
	free(json);
	free(print(words, args, OUTPUT_EXPLAIN));
	free(print(words, args, OUTPUT_SHELL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reason why = {""};
	struct document document = {0};
	struct machine machine = {0};
	struct words words = {0}, args = {0};
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	/* An address "auto" is made of it. */
	setenv("EMU_SCRATCH", "/scratch", 1);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (document_read(&document, path, &why) == 0 &&
	    load_machine(&machine, &document, (enum monitor)(size % 3), &why) ==
		0) {
		emit_words(&machine, &words, &args);
		check_words(&words, &args);
	} else if (why.text[0] == '\0') {
		abort();
	}
	if (strchr(why.text, '\n') != NULL)
		abort();
	words_free(&args);
	words_free(&words);
	machine_free(&machine);
	document_free(&document);
	close(fd);
	return 0;
}
