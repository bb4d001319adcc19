/* Test results from any bytes: never a crash, and what is printed is TAP whose
 * plan is met, the same whichever way the input was cut. */
#include "fatal.h"
#include "junit.h"
#include "log_line.h"
#include "parser.h"
#include "tap.h"
#include "test.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const int fatal_status = 1;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct both {
	struct parser kernel;
	struct parser user;
};

static void
take(void *context, const struct log_line *line)
{
	struct both *b = context;
	bool stamped = line->time >= 0;

	if (strlen(line->text) != line->len)
		abort();
	parser_line(stamped ? &b->kernel : &b->user, line);
	if (line_kind_of(line->text, line->len, NULL) == LINE_NOISE)
		parser_noise(stamped ? &b->user : &b->kernel, line);
}

/* The TAP of the input, fed in pieces of at most `piece` bytes. */
static char *
convert(const uint8_t *data, size_t size, size_t piece, size_t *len)
{
	static struct log_lines lines;
	struct both both;
	struct tests tests = {0};
	struct test *root = test_new(&tests, "", 0);
	char *text = NULL, *xml = NULL;
	size_t xml_len;
	FILE *out = open_memstream(&text, len);
	FILE *junit = open_memstream(&xml, &xml_len);

	if (root == NULL || out == NULL || junit == NULL)
		abort();
	parser_init(&both.kernel, &tests, root);
	parser_init(&both.user, &tests, root);
	log_lines_init(&lines, take, &both);
	for (size_t i = 0; i < size; i += piece)
		log_lines_feed(&lines, (const char *)data + i,
		    size - i < piece ? size - i : piece);
	log_lines_end(&lines);
	parser_end(&both.kernel);
	parser_end(&both.user);
	test_judge(&tests, root);
	tap_write(out, root);
	junit_write(junit, root);
	fclose(out);
	fclose(junit);
	free(xml);
	test_free(root);
	return text;
}

/* The plan at the end is as many as the lines of results. */
static void
check_plan(const char *tap)
{
	unsigned long n = 0, planned = 0;
	bool saw_plan = false;

	for (const char *p = tap; p != NULL && *p != '\0';
	     p = strchr(p, '\n'), p += p != NULL) {
		n += strncmp(p, "ok ", 3) == 0 || strncmp(p, "not ok ", 7) == 0;
		if (strncmp(p, "1..", 3) == 0) {
			if (saw_plan)
				abort();
			saw_plan = true;
			planned = strtoul(p + 3, NULL, 10);
		}
	}
	if (!saw_plan || planned != n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole_len, cut_len;
	char *whole = convert(data, size, size + 1, &whole_len);
	char *cut = convert(data, size, 1 + size % 7, &cut_len);

	if (whole_len != cut_len || memcmp(whole, cut, whole_len) != 0)
		abort();
	check_plan(whole);
	free(whole);
	free(cut);
	return 0;
}
