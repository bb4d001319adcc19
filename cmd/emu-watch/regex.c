#include "regex.h"

#include "../fatal.h"
#include "../memory.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

/* From so many bytes on, machine code pays. Below, most machines' lines end,
 * and it would be half of the memory of this process. */
enum { LONG_LINE = 1 << 20 };

struct regex {
	const char *text; /* borrowed, as is the memory for a match */
	pcre2_code *code;
	pcre2_match_data *match;
	size_t searched; /* bytes, up to LONG_LINE */
};

static void
explain(int error, char message[256])
{
	message[0] = '\0';
	pcre2_get_error_message(error, (PCRE2_UCHAR *)message, 256);
}

static pcre2_code *
compile(const char *text, struct reason *why)
{
	pcre2_compile_context *context =
	    memory_got(pcre2_compile_context_create(NULL));
	char message[256];
	int error = 0;
	size_t at = 0;

	/* Whatever the library was built with. */
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_code *code =
	    pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
		PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C,
		&error, &at, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		explain(error, message);
		reason_set(why, "at %zu: %s", at, message);
	}
	return code;
}

struct regex_memory *
regex_memory_new(void)
{
	return memory_got(pcre2_match_data_create(1, NULL));
}

struct regex *
regex_new(const char *text, struct regex_memory *memory, struct reason *why)
{
	pcre2_code *code = compile(text, why);

	if (code == NULL)
		return NULL;
	struct regex *r = memory_got(calloc(1, sizeof(*r)));
	*r = (struct regex){text, code, (pcre2_match_data *)memory, 0};
	return r;
}

void
regex_free(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	free(regex);
}

void
regex_memory_free(struct regex_memory *memory)
{
	pcre2_match_data_free((pcre2_match_data *)memory);
}

/* Without machine code (a kernel may forbid it) PCRE2 interprets. */
static void
note_length(struct regex *regex, size_t len)
{
	if (regex->searched >= LONG_LINE)
		return;
	regex->searched += len;
	if (regex->searched >= LONG_LINE)
		pcre2_jit_compile(
		    regex->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
}

enum regex_result
regex_search(struct regex *regex, const char *text, size_t len, size_t from,
    int ends, size_t *start, size_t *end)
{
	char message[256];
	uint32_t options = PCRE2_NOTEMPTY;

	if ((ends & REGEX_STARTS) == 0)
		options |= PCRE2_NOTBOL;
	/* With NOTEOL too, a $ at the end would be no match in place of an
	 * undecided one. */
	if ((ends & REGEX_MORE) != 0)
		options |= PCRE2_PARTIAL_HARD;
	else if ((ends & REGEX_ENDS) == 0)
		options |= PCRE2_NOTEOL;
	note_length(regex, len - from);
	int r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, from, options,
	    regex->match, NULL);
	if (r == PCRE2_ERROR_JIT_STACKLIMIT)
		r = pcre2_match(regex->code, (PCRE2_SPTR)text, len, from,
		    options | PCRE2_NO_JIT, regex->match, NULL);
	if (r == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (r < 0 && r != PCRE2_ERROR_PARTIAL) {
		explain(r, message);
		fatal("%s: %s", regex->text, message);
	}
	const size_t *where = pcre2_get_ovector_pointer(regex->match);
	/* \K in a look-around can put the start behind the end. */
	*start = where[0] < where[1] ? where[0] : where[1];
	*end = where[1];
	return r == PCRE2_ERROR_PARTIAL ? REGEX_UNDECIDED : REGEX_FOUND;
}
