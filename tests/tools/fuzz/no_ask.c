/* In place of emu-argv's ask.c and remember.c: no program is run here. An
 * emulator and a virtiofsd have everything. */
#include "ask.h"
#include "remember.h"

#include <string.h>

int
ask_run(struct ask *ask, struct reason *why)
{
	return reason_set(why, "%s: not run", ask->argv[0]);
}

const char *
ask_complaint(struct ask *ask)
{
	(void)ask;
	return "";
}

char *
ask_listing(
    const char *const *argv, unsigned seconds, double scale, struct reason *why)
{
	(void)seconds;
	(void)scale;
	reason_set(why, "%s: not run", argv[0]);
	return NULL;
}

char *
ask_remembered(const char *const *argv, double scale)
{
	(void)scale;
	return strcmp(argv[1], "-machine") == 0
		   ? NULL
		   : strdup("monitor-qmp --readonly");
}

char *
remember_get(const char *program, const char *question)
{
	(void)program;
	(void)question;
	return NULL;
}

void
remember_put(const char *program, const char *question, const char *answer)
{
	(void)program;
	(void)question;
	(void)answer;
}
