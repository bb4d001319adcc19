#include "page.h"

#include "html.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--soft:#8882;"
    "--ok:#1f7a3d;--no:#b3261e;--odd:#8a5a00}\n"
    "@media(prefers-color-scheme:dark){:root{--ok:#4fbf7b;--no:#ff7b72;"
    "--odd:#e0a84a}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;"
    "max-width:76rem;padding:1rem}\n"
    "h1{font-size:1.5rem;margin:.2em 0}\n"
    ".ok{--mark:var(--ok)}.no{--mark:var(--no)}.odd{--mark:var(--odd)}\n"
    ".bar{display:flex;height:1.4rem;border-radius:.3rem;overflow:hidden;"
    "gap:1px;margin:1rem 0}\n"
    ".bar span{min-width:3px;background:var(--mark)}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
    "border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
    "th{font-weight:600;font-size:.85rem}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}\n"
    ".totals{max-width:40rem}\n"
    ".totals a{color:var(--mark);font-weight:600}\n"
    "section{margin-top:1.5rem}\n"
    "summary{cursor:pointer}\n"
    "section>details>summary{font-size:1.1rem;font-weight:600;"
    "border-left:.4rem solid var(--mark);padding:.2rem .6rem}\n"
    "pre{font:12px/1.4 ui-monospace,monospace;background:var(--soft);"
    "padding:.5rem;border-radius:.3rem;white-space:pre-wrap;"
    "overflow-wrap:anywhere;margin:.3rem 0}\n"
    "td a{margin-right:.6em}\n"
    "@media(max-width:44rem){\n"
    "th,td{padding:.3rem .25rem}\n"
    ".totals .x,.runs thead{display:none}\n"
    ".runs tr{display:block;border-bottom:1px solid var(--line);"
    "padding:.4rem 0}\n"
    ".runs td{display:block;border:0;padding:.05rem .25rem;"
    "text-align:left}\n"
    ".runs td:empty{display:none}\n"
    ".runs .n:not(:empty)::after{content:\" s\"}\n"
    ".runs .name{font-weight:600}\n"
    "}\n";

static const char *
class_of(const struct group *group)
{
	if (group->passed)
		return "ok";
	/* What the guest did, and what its host did. */
	return group->whole && group->status < 125 ? "no" : "odd";
}

static void
print_seconds(const char *open, double seconds, FILE *out)
{
	if (seconds < 0)
		fprintf(out, "%s</td>", open);
	else
		fprintf(out, "%s%.2f</td>", open, seconds);
}

static void
print_bar(const struct groups *groups, FILE *out)
{
	fputs("<div class=bar role=img aria-label=\"", out);
	fprintf(out, "%zu of %zu passed\">", groups->passed, groups->runs);
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->list[i];

		fprintf(out, "<span class=%s style=\"flex:%zu\" title=\"",
		    class_of(group), group->count);
		html_text(group->cause, out);
		fprintf(out, " %d: %zu\"></span>", group->status, group->count);
	}
	fputs("</div>\n", out);
}

static void
print_verdict(const struct group *group, FILE *out)
{
	if (group->passed)
		fputs("passed: ", out);
	html_text(group->whole ? group->cause : "no whole record", out);
	if (group->whole && !group->passed)
		fprintf(out, " (%d)", group->status);
}

static void
print_totals(const struct groups *groups, FILE *out)
{
	fputs("<table class=totals><thead><tr><th>Ended by<th class=n>Runs"
	      "<th class=n>Share<th class=\"n x\">Least s"
	      "<th class=n>Median s<th class=\"n x\">Most s</thead><tbody>\n",
	    out);
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->list[i];

		fprintf(out, "<tr class=%s><td><a href=\"#g%zu\">",
		    class_of(group), i);
		print_verdict(group, out);
		fprintf(out,
		    "</a></td><td class=n>%zu</td><td class=n>%.1f%%</td>",
		    group->count,
		    100 * (double)group->count / (double)groups->runs);
		print_seconds("<td class=\"n x\">", group->least, out);
		print_seconds("<td class=n>", group->median, out);
		print_seconds("<td class=\"n x\">", group->most, out);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

static void
print_link(const char *path, const char *text, FILE *out)
{
	fputs("<a href=\"", out);
	html_path(path, out);
	fprintf(out, "\">%s</a>", text);
}

/* A link to the file that has this ending in place of the record's. */
static void
print_beside(
    const struct run *run, const char *end, const char *text, FILE *out)
{
	size_t len = strlen(run->file);
	char *path;

	if (len > 5 && strcmp(run->file + len - 5, ".json") == 0)
		len -= 5;
	else if (len >= 6 && strcmp(run->file + len - 6, "record") == 0)
		len -= 6;
	/* "boot.record", but also "boot/record" */
	if (len > 0 && run->file[len - 1] == '.')
		len--;
	if (asprintf(&path, "%.*s%s%s", (int)len, run->file,
		len == 0 || run->file[len - 1] == '/' ? "" : ".", end) < 0)
		return;
	if (access(path, R_OK) == 0)
		print_link(path, text, out);
	free(path);
}

static void
print_run(const struct run *run, const struct group *group, FILE *out)
{
	fprintf(out, "<tr class=%s><td class=name>", class_of(group));
	html_text(run->name, out);
	fputs("</td><td>", out);
	html_text(run->reason, out);
	if (run->line[0] != '\0') {
		fputs("<details><summary>last lines</summary><pre>", out);
		html_text(run->line, out);
		fputs("</pre></details>", out);
	}
	print_seconds("</td><td class=n>", run->end, out);
	fputs("<td>", out);
	html_text(run->host, out);
	fputs("</td><td>", out);
	html_text(run->booted, out);
	fputs("</td><td>", out);
	if (run->file[0] != '\0' && access(run->file, R_OK) == 0)
		print_link(run->file, "record", out);
	if (run->file[0] != '\0') {
		print_beside(run, "log", "log", out);
		print_beside(run, "cast", "recording", out);
	}
	fputs("</td></tr>\n", out);
}

static void
print_group(const struct group *group, size_t number, FILE *out)
{
	fprintf(out, "<section class=%s id=g%zu><details%s><summary>",
	    class_of(group), number, group->passed ? "" : " open");
	print_verdict(group, out);
	fprintf(out,
	    ", %zu</summary>\n<table class=runs><thead><tr><th>Name"
	    "<th>What happened<th class=n>Seconds<th>Host<th>Booted<th>Files"
	    "</thead><tbody>\n",
	    group->count);
	for (size_t i = 0; i < group->count; i++)
		print_run(group->runs[i], group, out);
	fputs("</tbody></table></details></section>\n", out);
}

void
page_print(const struct groups *groups, FILE *out)
{
	fprintf(out,
	    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
	    "<meta name=viewport content=\"width=device-width\">\n"
	    "<title>%zu of %zu passed</title>\n<style>\n%s</style>\n"
	    "<h1>%zu of %zu passed</h1>\n",
	    groups->passed, groups->runs, style, groups->passed, groups->runs);
	print_bar(groups, out);
	print_totals(groups, out);
	/* What failed comes first: it is what one looks for. */
	for (size_t i = 0; i < groups->count; i++) {
		if (!groups->list[i].passed)
			print_group(&groups->list[i], i, out);
	}
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->list[i].passed)
			print_group(&groups->list[i], i, out);
	}
	fputs("</html>\n", out);
}
