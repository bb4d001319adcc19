#ifndef HTML_H
#define HTML_H

#include <stdio.h>

/* Prints UTF-8 as text or in a quoted attribute of HTML. Control characters
 * other than tab and newline become U+FFFD. */
void html_text(const char *text, FILE *out);

/* Prints the path of a file as a relative reference (RFC 3986), in a quoted
 * attribute. */
void html_path(const char *path, FILE *out);

#endif
