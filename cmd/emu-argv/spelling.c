#include "spelling.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { KEY_MAX = 24 }; /* no key of ours is longer */

/* The number of slips (a letter more, less, other, or two swapped) between the
 * two, case aside; KEY_MAX for what is too long to be one. */
static size_t
slips(const char *a, const char *b)
{
	size_t d[3][KEY_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > KEY_MAX || m > KEY_MAX)
		return KEY_MAX;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = d[i % 3], *up = d[(i + 2) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			bool same = tolower((unsigned char)a[i - 1]) ==
				    tolower((unsigned char)b[j - 1]);
			size_t least = up[j - 1] + !same;

			if (up[j] + 1 < least)
				least = up[j] + 1;
			if (now[j - 1] + 1 < least)
				least = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    d[(i + 1) % 3][j - 2] + 1 < least)
				least = d[(i + 1) % 3][j - 2] + 1;
			now[j] = least;
		}
	}
	return d[n % 3][m];
}

const char *
spelling_meant(const char *word, const struct key *keys)
{
	size_t best = strlen(word) < 5 ? 2 : 3;
	const char *nearest = NULL;

	for (; keys->name != NULL; keys++) {
		size_t n = slips(word, keys->name);

		if (n < best) {
			best = n;
			nearest = keys->name;
		}
	}
	return nearest;
}
