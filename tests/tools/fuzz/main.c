/* Runs nothing at all and the files named (a fuzz target's corpus) through the
 * target, once each. */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run_file(const char *name)
{
	FILE *f = fopen(name, "rb");
	char *text = NULL;
	size_t size = 0;

	if (f == NULL)
		err(1, "%s", name);
	if (getdelim(&text, &size, EOF, f) < 0 && ferror(f))
		err(1, "%s", name);
	long n = ftell(f);
	/* A copy of just the length, so that a sanitizer sees the end. */
	uint8_t *data = malloc(n > 0 ? (size_t)n : 1);
	if (data == NULL)
		err(1, NULL);
	for (long i = 0; i < n; i++)
		data[i] = (uint8_t)text[i];
	LLVMFuzzerTestOneInput(data, (size_t)n);
	free(data);
	free(text);
	fclose(f);
}

int
main(int argc, char *argv[])
{
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	printf("%d inputs\n", argc - 1);
	return 0;
}
