#include "patience.h"

#include <stdlib.h>

int
patience_ms(int seconds)
{
	const char *scale = getenv("EMU_TIME_SCALE");
	double factor = scale == NULL ? 1 : strtod(scale, NULL);

	if (!(factor > 0 && factor <= 1000))
		factor = 1;
	return (int)(seconds * 1000 * factor);
}
