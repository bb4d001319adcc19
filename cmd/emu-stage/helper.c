#include "helper.h"

#include <sys/wait.h>

int
helper_wait(struct new_files *files, struct child *child, const char *name,
    struct reason *why)
{
	int status = new_files_end(files, child);

	if (status == 0)
		return 0;
	if (status < 0)
		return reason_set(why, "%s: cannot be waited for", name);
	if (WIFSIGNALED(status))
		return reason_set(
		    why, "%s: killed by signal %d", name, WTERMSIG(status));
	why->text[0] = '\0';
	return -1;
}
