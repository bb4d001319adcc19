#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "reason.h"

#include <jansson.h>
#include <stdio.h>

/* The largest input, nesting and number of values that are accepted, so that
 * hostile input is refused early. */
enum {
	DOCUMENT_BYTES = 16 << 20,
	DOCUMENT_DEPTH = 64,
	DOCUMENT_VALUES = 65536,
};

/* A machine description: the one JSON object that flows through the pipeline
 * (emu-document(5)). */
struct document {
	json_t *root;     /* the object; owned */
	const char *name; /* what messages call it: "<stdin>" or a file */
};

/* Reads a document from the file named (NULL or "-": stdin), which must live as
 * long as the document. An array of exactly one element is unwrapped. This
 * checks the syntax (RFC 8259), duplicate keys, depth and size, not the meaning
 * of keys. Returns 0, or -1 with a reason that names file, line and column;
 * call document_free either way. */
int document_read(
    struct document *document, const char *name, struct reason *why);

/* Makes a document from a value that document_parse_file returned, and steals
 * the reference. The value is unwrapped and checked as by document_read;
 * messages call it name. Returns 0, or -1 with the reason; call document_free
 * either way. */
int document_take(struct document *document, const char *name, json_t *value,
    struct reason *why);

/* Parses a JSON file that is not a document (images.json) with the same checks.
 * Returns a new reference, or NULL with the reason. */
json_t *document_parse_file(const char *name, struct reason *why);

/* The same for len bytes of text, followed by a NUL that is not counted.
 * Messages call the text name. */
json_t *document_parse_text(
    const char *name, const char *text, size_t len, struct reason *why);

/* Prints the document: keys in their order, integers exactly, other numbers as
 * jansson writes them. Returns 0, or -1 with the reason; the caller still has
 * to call stdio_finish. */
int document_write(
    const struct document *document, FILE *out, struct reason *why);

void document_free(struct document *document);

#endif
