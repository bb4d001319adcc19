#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

struct regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

static int
explain(int error, struct reason *why)
{
	char message[256] = "";

	pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof(message));
	return reason_set(why, "%s", message);
}

static pcre2_code *
compile(const char *text, struct reason *why)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	struct reason inner = {""};
	int error = 0;
	size_t at = 0;

	if (context == NULL) {
		reason_set(why, "out of memory");
		return NULL;
	}
	/* Whatever the library was built with. */
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_code *code =
	    pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
		PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C,
		&error, &at, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		explain(error, &inner);
		reason_set(why, "at %zu: %s", at, inner.text);
	}
	return code;
}

struct regex *
regex_new(const char *text, struct reason *why)
{
	struct regex *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		reason_set(why, "out of memory");
		return NULL;
	}
	r->code = compile(text, why);
	if (r->code == NULL)
		goto out;
	r->match = pcre2_match_data_create(1, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (r->match == NULL || r->context == NULL) {
		reason_set(why, "out of memory");
		goto out;
	}
	/* Without machine code (a kernel may forbid it) PCRE2 interprets. */
	if (pcre2_jit_compile(
		r->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD) == 0)
		r->stack = pcre2_jit_stack_create(32 << 10, 1 << 20, NULL);
	if (r->stack != NULL)
		pcre2_jit_stack_assign(r->context, NULL, r->stack);
	return r;
out:
	regex_free(r);
	return NULL;
}

void
regex_free(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	pcre2_match_data_free(regex->match);
	pcre2_match_context_free(regex->context);
	pcre2_jit_stack_free(regex->stack);
	free(regex);
}

int
regex_search(struct regex *regex, const char *text, size_t len, size_t from,
    int ends, size_t *start, size_t *end, struct reason *why)
{
	uint32_t options = PCRE2_NOTEMPTY;

	if ((ends & REGEX_STARTS) == 0)
		options |= PCRE2_NOTBOL;
	/* With NOTEOL too, a $ at the end would be no match in place of an
	 * undecided one. */
	if ((ends & REGEX_MORE) != 0)
		options |= PCRE2_PARTIAL_HARD;
	else if ((ends & REGEX_ENDS) == 0)
		options |= PCRE2_NOTEOL;
	int r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, from, options,
	    regex->match, regex->context);
	if (r == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (r < 0 && r != PCRE2_ERROR_PARTIAL)
		return explain(r, why);
	const size_t *where = pcre2_get_ovector_pointer(regex->match);
	/* \K in a look-around can put the start behind the end. */
	*start = where[0] < where[1] ? where[0] : where[1];
	*end = where[1];
	return r == PCRE2_ERROR_PARTIAL ? REGEX_UNDECIDED : REGEX_FOUND;
}
