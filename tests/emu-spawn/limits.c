/* limits LENGTH STEP...: a limit of LENGTH ns started at 0. Each STEP is
 * NOW:DELAY; prints whether it has passed and when it is due. */
#include "../../cmd/emu-spawn/limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char *argv[])
{
	struct limit limit = {.length = strtoull(argv[1], NULL, 10)};
	char *end;

	limit_start(&limit, 0, 0);
	for (int i = 2; i < argc; i++) {
		uint64_t now = strtoull(argv[i], &end, 10);
		uint64_t delay = strtoull(end + 1, NULL, 10);

		if (now >= limit_due(&limit))
			limit_extend(&limit, delay);
		printf("%d %" PRIu64 "\n", now >= limit_due(&limit),
		    limit_due(&limit));
	}
	return 0;
}
