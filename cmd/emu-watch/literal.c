#include "literal.h"

#include <stdbool.h>
#include <string.h>

/* The run of literal characters that is being read, and the best so far. */
struct reader {
	const char *p;
	struct literal run;
	struct literal best;
};

static void
end_run(struct reader *r)
{
	if (r->run.len > r->best.len)
		r->best = r->run;
	r->run.len = 0;
}

static void
add(struct reader *r, char c)
{
	if (r->run.len == LITERAL_BYTES)
		end_run(r);
	r->run.bytes[r->run.len++] = c;
}

/* Skips a class; p is at its '['. False when it does not end. */
static bool
skip_class(struct reader *r)
{
	const char *p = r->p + 1;

	if (*p == '^')
		p++;
	/* A ] that comes first is a member. */
	if (*p == ']')
		p++;
	for (; *p != ']'; p++) {
		/* [:alpha:] has a ] of its own; \Q has rules of its own. */
		if (*p == '\0' || (*p == '[' && strchr(":.=", p[1]) != NULL) ||
		    (*p == '\\' && (*++p == '\0' || strchr("QEc", *p))))
			return false;
	}
	r->p = p + 1;
	return true;
}

static bool
skip_escape(struct reader *r)
{
	if (r->p[1] == '\0' || strchr("QEc", r->p[1]) != NULL)
		return false;
	r->p += 2;
	return true;
}

/* Skips a group with what is in it; p is at its '('. Only plain groups and
 * look-around: others (options, recursion, comments, verbs) may mean anything.
 */
static bool
skip_group(struct reader *r)
{
	int depth = 0;

	do {
		if (*r->p == '\0')
			return false;
		if (*r->p == '\\') {
			if (!skip_escape(r))
				return false;
			continue;
		}
		if (*r->p == '[') {
			if (!skip_class(r))
				return false;
			continue;
		}
		if (*r->p == '(') {
			depth++;
			if (r->p[1] == '*')
				return false;
			if (r->p[1] == '?' &&
			    (r->p[2] == '\0' || !strchr(":=!", r->p[2])) &&
			    (r->p[2] != '<' || r->p[3] == '\0' ||
				!strchr("=!", r->p[3])))
				return false;
		}
		if (*r->p == ')')
			depth--;
		r->p++;
	} while (depth > 0);
	return true;
}

/* An escape outside a class: a character that stands for itself, or a known
 * class or anchor. Escapes with operands are not understood. */
static bool
read_escape(struct reader *r)
{
	char c = r->p[1];

	if (c == '\0')
		return false;
	r->p += 2;
	if (strchr("dDwWsSbBhHvVRAzZnrt", c) != NULL) {
		end_run(r);
		return true;
	}
	if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
		return false;
	add(r, c);
	return true;
}

/* The length of a quantifier in braces; 0: the brace stands for itself. */
static size_t
braces(const char *p)
{
	size_t n = 1 + strspn(p + 1, "0123456789, ");

	return p[n] == '}' ? n + 1 : 0;
}

/* What may follow an atom; with it the last character is not certain. */
static void
read_quantifier(struct reader *r, size_t len)
{
	bool at_least_one = *r->p == '+';

	if (!at_least_one && r->run.len > 0)
		r->run.len--;
	end_run(r);
	r->p += len;
}

static bool
read_atom(struct reader *r)
{
	switch (*r->p) {
	case '\\':
		return read_escape(r);
	case '[':
		end_run(r);
		return skip_class(r);
	case '(':
		end_run(r);
		return skip_group(r);
	case '^':
	case '$':
	case '.':
	case '\n':
		end_run(r);
		r->p++;
		return true;
	case '?':
	case '*':
	case '+':
		read_quantifier(r, 1);
		return true;
	case ')':
		return false;
	}
	size_t n = *r->p == '{' ? braces(r->p) : 0;
	if (n > 0)
		read_quantifier(r, n);
	else
		add(r, *r->p++);
	return true;
}

size_t
literal_find(const char *regex, struct literal literals[LITERAL_COUNT])
{
	struct reader r = {.p = regex};
	size_t count = 0;

	for (;;) {
		while (*r.p != '\0' && *r.p != '|') {
			if (!read_atom(&r))
				return 0;
		}
		end_run(&r);
		if (r.best.len < LITERAL_SHORTEST || count == LITERAL_COUNT)
			return 0;
		literals[count++] = r.best;
		if (*r.p++ == '\0')
			return count;
		r.best.len = 0;
	}
}
