#include "stop.h"

/* How long a process may take to die of SIGKILL. */
static const uint64_t dying_ns = 10000000000;

enum stop_word
stop_next(struct stop *stop, unsigned may, uint64_t grace, uint64_t now)
{
	bool quit = stop->said == STOP_QUIT;

	if (stop->said != STOP_GIVE_UP)
		stop->said++;
	if (stop->said < STOP_KILL && grace == 0)
		stop->said = STOP_KILL;
	if (stop->said == STOP_COMMAND && !(may & 1U << STOP_COMMAND))
		stop->said = STOP_QUIT;
	if (stop->said == STOP_QUIT && !(may & 1U << STOP_QUIT))
		stop->said = STOP_TERM;
	switch (stop->said) {
	case STOP_COMMAND:
		stop->next = now + grace;
		break;
	case STOP_QUIT:
		stop->next = now + grace / 2;
		break;
	case STOP_TERM:
		stop->next = now + (quit ? grace - grace / 2 : grace);
		break;
	default:
		stop->next = now + dying_ns;
		break;
	}
	return stop->said;
}
