/* The reader of argument vectors: any bytes are words that make the same bytes
 * again, or one line that says why not. */
#include "words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words words;
	struct reason why = {""};
	char *bytes = malloc(size + 1);
	size_t at = 0;

	if (bytes == NULL)
		abort();
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	if (words_split(&words, bytes, size, "fuzz", &why) == 0) {
		for (size_t i = 0; i < words.count; i++) {
			size_t len = strlen(words.list[i]) + 1;

			if (memcmp(data + at, words.list[i], len) != 0)
				abort();
			at += len;
		}
		if (at != size || words.list[words.count] != NULL)
			abort();
		words_want_socket(words.list, 3);
	} else if (why.text[0] == '\0' || strchr(why.text, '\n') != NULL) {
		abort();
	}
	free(words.list);
	free(bytes);
	return 0;
}
