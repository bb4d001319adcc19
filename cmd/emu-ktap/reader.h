#ifndef READER_H
#define READER_H

#include "line.h"
#include "line_kind.h"
#include "nesting.h"
#include "test.h"

#include <stdbool.h>
#include <stddef.h>

/* One stream of test output. The kernel's lines (with time stamps) and those of
 * user space are read by two, since they come mixed. */
struct reader {
	struct nesting nesting;
	char subtest[TEST_NAME]; /* name of the next level */
	size_t subtest_len;
	bool may_be_empty;  /* that level: KTAP 2 names any test so */
	struct test *yaml;  /* the result whose block we are in */
	size_t note_indent; /* of the note just read; 0: it was none */
};

/* The tests and the root stay the caller's. */
void reader_init(struct reader *reader, struct tests *tests, struct test *root);

/* Takes a line. */
void reader_line(struct reader *reader, const struct line *line);

/* A line that only the other reader understands: noise, here. */
void reader_noise(struct reader *reader, const struct line *line);

/* The input ended. */
void reader_end(struct reader *reader);

#endif
