#ifndef XML_H
#define XML_H

#include <stddef.h>
#include <stdio.h>

/* Prints text so that it may stand in an element or a quoted attribute: markup
 * is escaped, and what XML 1.0 (2.2) does not allow, or is no UTF-8, becomes
 * U+FFFD. */
void xml_text(FILE *out, const char *text, size_t len);

/* Prints ` name="text"`, the text NUL-terminated. */
void xml_attribute(FILE *out, const char *name, const char *text);

#endif
