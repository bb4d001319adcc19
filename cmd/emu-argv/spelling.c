#include "spelling.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Whether one slip lies between the two, case aside: a letter more, less or
 * other, or two swapped. */
static bool
is_slip(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), same = 0;

	while (same < n && strncasecmp(a, b, same + 1) == 0)
		same++;
	while (
	    n > same && m > same && strncasecmp(a + n - 1, b + m - 1, 1) == 0) {
		n--;
		m--;
	}
	a += same;
	b += same;
	n -= same;
	m -= same;
	return (n <= 1 && m <= 1) ||
	       (n == 2 && m == 2 && strncasecmp(a, b + 1, 1) == 0 &&
		   strncasecmp(a + 1, b, 1) == 0);
}

const char *
spelling_meant(const char *word, const struct key *keys)
{
	for (; keys->name != NULL; keys++) {
		if (is_slip(word, keys->name))
			return keys->name;
	}
	return NULL;
}
