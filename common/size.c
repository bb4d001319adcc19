#include "size.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

int
size_parse(const char *text, uint64_t *bytes)
{
	static const char suffixes[] = "kmgt";
	uint64_t n = 0;
	const char *p = text;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return -1;
	}
	if (*p != '\0') {
		const char *s = strchr(suffixes, tolower((unsigned char)*p));

		if (s == NULL || p[1] != '\0')
			return -1;
		for (; s >= suffixes; s--) {
			if (__builtin_mul_overflow(n, 1024, &n))
				return -1;
		}
	}
	if (n > INT64_MAX)
		return -1;
	*bytes = n;
	return 0;
}
