#include "table.h"

static void
print_seconds(double seconds, FILE *out)
{
	if (seconds < 0)
		fprintf(out, " %9s", "-");
	else
		fprintf(out, " %9.2f", seconds);
}

void
table_print(const struct groups *groups, FILE *out)
{
	fprintf(out, "%-10s %6s %7s %6s %9s %9s %9s\n", "cause", "status",
	    "runs", "share", "least", "median", "most");
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->list[i];
		char status[12] = "-";

		if (group->whole)
			snprintf(status, sizeof(status), "%d", group->status);
		fprintf(out, "%-10s %6s %7zu %5.1f%%", group->cause, status,
		    group->count,
		    100 * (double)group->count / (double)groups->runs);
		print_seconds(group->least, out);
		print_seconds(group->median, out);
		print_seconds(group->most, out);
		fputc('\n', out);
	}
	fprintf(out, "%zu of %zu passed\n", groups->passed, groups->runs);
}
