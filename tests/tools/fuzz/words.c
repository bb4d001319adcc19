/* The reader of argument vectors: any bytes are words that make the same bytes
 * again, or one line that says why not. */
#include "words.h"

#include "fatal_end.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(char *bytes, const uint8_t *data, size_t size)
{
	char **words = words_split(bytes, size, "fuzz");
	size_t at = 0;

	for (size_t i = 0; words[i] != NULL; i++) {
		size_t len = strlen(words[i]) + 1;

		if (memcmp(data + at, words[i], len) != 0)
			abort();
		at += len;
	}
	if (at != size)
		abort();
	words_want_socket(words, 3);
	free(words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);

	if (bytes == NULL)
		abort();
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	if (setjmp(fatal_end) == 0)
		check(bytes, data, size);
	free(bytes);
	return 0;
}
