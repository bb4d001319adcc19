/* emu-argv from any bytes: words, or one line that says why not. What it writes
 * as JSON is read back as the same words. */
#include "document.h"
#include "image.h"
#include "machine.h"
#include "output.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
print(const struct build *build, enum output output)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	output_words(&build->words, &build->args, output, f);
	fclose(f);
	return text;
}

static void
check_words(const struct build *build)
{
	char *json = print(build, OUTPUT_JSON);
	json_t *list = json_loads(json, 0, NULL);

	if (json_array_size(list) != build->words.count)
		abort();
	for (size_t i = 0; i < build->words.count; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word == NULL ||
		    strcmp(word, build->words.list[i].text) != 0 ||
		    build->words.list[i].origin[0] == '\0')
			abort();
	}
	json_decref(list);
	free(json);
	free(print(build, OUTPUT_EXPLAIN));
	free(print(build, OUTPUT_SHELL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reason why = {""};
	struct document document = {0};
	struct build build = {.reader = {.document = &document, .why = &why}};
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	/* An address "auto" is made of it. */
	setenv("EMU_SCRATCH", "/scratch", 1);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (document_read(&document, path, &why) == 0 &&
	    images_collect(&document, &build.images, &why) == 0) {
		build.root = (struct place){&build.reader, document.root, ""};
		/* As -m and -N, too. */
		machine_words(&build, (enum monitor)(size % 3));
		if (!build.reader.failed)
			check_words(&build);
		else if (why.text[0] == '\0')
			abort();
	}
	if (strchr(why.text, '\n') != NULL)
		abort();
	json_decref(build.ids);
	words_free(&build.features);
	words_free(&build.args);
	words_free(&build.words);
	images_free(&build.images);
	document_free(&document);
	close(fd);
	return 0;
}
