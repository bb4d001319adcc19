#ifndef PARSER_H
#define PARSER_H

#include "line_kind.h"
#include "log_line.h"
#include "nesting.h"
#include "test.h"

#include <stdbool.h>
#include <stddef.h>

/* Reads one stream of test output. The lines of the kernel, which have time
 * stamps, and those of user space come mixed, and each have a parser. */
struct parser {
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
void parser_init(struct parser *parser, struct tests *tests, struct test *root);

/* Takes the next line. */
void parser_line(struct parser *parser, const struct log_line *line);

/* Takes a line that belongs to the other parser, as noise among the tests of
 * this one. */
void parser_noise(struct parser *parser, const struct log_line *line);

/* Ends the input. */
void parser_end(struct parser *parser);

#endif
