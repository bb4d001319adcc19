/* emu-argv from any bytes: words, or one line that says why not. What it writes
 * as JSON is read back as the same words. */
#include "document.h"
#include "emit.h"
#include "fatal_end.h"
#include "load.h"
#include "output.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_words(const struct words *words, const struct words *args)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	output_json(words, f);
	fflush(f);
	json_t *list = json_loads(text, 0, NULL);
	if (json_array_size(list) != words->count)
		abort();
	for (size_t i = 0; i < words->count; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word == NULL || strcmp(word, words->list[i].text) != 0 ||
		    words->list[i].origin[0] == '\0')
			abort();
	}
	json_decref(list);
	output_explained(words, args, f);
	output_shell(words, f);
	fclose(f);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct document document;
	static struct machine machine;
	static struct words words, args;
	struct reason why = {""};
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	/* An address "auto" is made of it. */
	setenv("EMU_SCRATCH", "/scratch", 1);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	machine = (struct machine){0};
	if (document_read(&document, path, &why) < 0) {
		if (why.text[0] == '\0' || strchr(why.text, '\n') != NULL)
			abort();
	} else if (setjmp(fatal_end) == 0) {
		load_machine(&machine, &document, (enum monitor)(size % 3));
		emit_words(&machine, &words, &args);
		check_words(&words, &args);
	}
	words_free(&args);
	words_free(&words);
	machine_free(&machine);
	document_free(&document);
	close(fd);
	return 0;
}
