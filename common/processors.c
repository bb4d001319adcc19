#include "processors.h"

#include <sched.h>

size_t
processors(size_t max)
{
	cpu_set_t set;
	size_t n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = (size_t)CPU_COUNT(&set);
	return n > max ? max : n;
}
