#ifndef READER_H
#define READER_H

#include "line.h"
#include "line_kind.h"
#include "nesting.h"
#include "test.h"

#include <stdbool.h>
#include <stddef.h>

/* Reads one stream of test output. The lines of the kernel, which have time
 * stamps, and those of user space come mixed, and each have a reader. */
struct reader {
	struct nesting nesting;
	char subtest[TEST_NAME]; /* name for the next level */
	size_t subtest_len;
	bool may_be_empty; /* it need not become a level: KTAP 2 names any test
			      so */
	struct test
	    *yaml; /* the result whose YAML block is being read; or NULL */
	size_t
	    note_indent; /* indent of the note that was the last line; else 0 */
};

/* The tests and the root belong to the caller. */
void reader_init(struct reader *reader, struct tests *tests, struct test *root);

/* Takes the next line. */
void reader_line(struct reader *reader, const struct line *line);

/* Takes a line that belongs to the other reader, as noise among the tests of
 * this one. */
void reader_noise(struct reader *reader, const struct line *line);

/* Ends the input. */
void reader_end(struct reader *reader);

#endif
