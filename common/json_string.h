#ifndef JSON_STRING_H
#define JSON_STRING_H

#include <stddef.h>
#include <stdio.h>

/* Prints an ASCII character as it stands in a JSON string (RFC 8259, section
 * 7). Write errors are left to ferror(3). */
void json_string_char(FILE *out, unsigned char c);

/* Prints a string with its quotes; what is not UTF-8 becomes U+FFFD. Write
 * errors are left to ferror(3). */
void json_string_print(FILE *out, const char *bytes, size_t len);

#endif
