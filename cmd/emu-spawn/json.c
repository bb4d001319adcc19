#include "json.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { DEPTH = 32 };

/* What is left of a text. */
struct scan {
	const char *at;
	const char *end;
};

static void
skip_space(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL &&
	       *s->at != '\0')
		s->at++;
}

static bool
skip_char(struct scan *s, char c)
{
	skip_space(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static bool
skip_escape(struct scan *s)
{
	if (s->at == s->end)
		return false;
	char c = *s->at++;
	if (c != 'u')
		return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
	for (int i = 0; i < 4; i++, s->at++)
		if (s->at == s->end || !isxdigit((unsigned char)*s->at))
			return false;
	return true;
}

static bool
skip_string(struct scan *s)
{
	if (!skip_char(s, '"'))
		return false;
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at++;

		if (c == '"')
			return true;
		/* QMP is ASCII; so is what the record quotes of it. */
		if (c < 0x20 || c >= 0x7f)
			return false;
		if (c == '\\' && !skip_escape(s))
			return false;
	}
	return false;
}

static bool
skip_digits(struct scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && isdigit((unsigned char)*s->at))
		s->at++;
	return s->at > start;
}

static bool
skip_number(struct scan *s)
{
	if (s->at < s->end && *s->at == '-')
		s->at++;
	const char *start = s->at;
	if (!skip_digits(s) || (*start == '0' && s->at > start + 1))
		return false;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!skip_digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		return skip_digits(s);
	}
	return true;
}

static bool
skip_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return false;
	s->at += len;
	return true;
}

static bool skip_value(struct scan *s, int depth);

/* The members of an object or the elements of an array, behind the bracket. */
static bool
skip_list(struct scan *s, char close, int depth)
{
	if (depth == 0)
		return false;
	if (skip_char(s, close))
		return true;
	do {
		if (close == '}' && (!skip_string(s) || !skip_char(s, ':')))
			return false;
		if (!skip_value(s, depth - 1))
			return false;
	} while (skip_char(s, ','));
	return skip_char(s, close);
}

static bool
skip_value(struct scan *s, int depth)
{
	skip_space(s);
	if (s->at == s->end)
		return false;
	switch (*s->at) {
	case '{':
		s->at++;
		return skip_list(s, '}', depth);
	case '[':
		s->at++;
		return skip_list(s, ']', depth);
	case '"':
		return skip_string(s);
	case 't':
		return skip_word(s, "true");
	case 'f':
		return skip_word(s, "false");
	case 'n':
		return skip_word(s, "null");
	default:
		return skip_number(s);
	}
}

bool
json_valid(const char *text, size_t len)
{
	struct scan s = {text, text + len};

	skip_space(&s);
	if (s.at == s.end || *s.at != '{' || !skip_value(&s, DEPTH))
		return false;
	skip_space(&s);
	return s.at == s.end;
}

/* Moves to the value of the member called name[0..len). */
static bool
enter_member(struct scan *s, const char *name, size_t len)
{
	if (!skip_char(s, '{'))
		return false;
	do {
		skip_space(s);
		const char *key = s->at + 1;
		if (!skip_string(s))
			return false;
		bool found = (size_t)(s->at - 1 - key) == len &&
			     memcmp(key, name, len) == 0;
		if (!skip_char(s, ':'))
			return false;
		skip_space(s);
		if (found)
			return true;
		if (!skip_value(s, DEPTH))
			return false;
	} while (skip_char(s, ','));
	return false;
}

bool
json_find(
    const char *text, size_t len, const char *path, char *value, size_t size)
{
	struct scan s = {text, text + len};

	for (const char *name = path; name != NULL;) {
		const char *slash = strchr(name, '/');
		size_t n =
		    slash != NULL ? (size_t)(slash - name) : strlen(name);

		if (!enter_member(&s, name, n))
			return false;
		name = slash != NULL ? slash + 1 : NULL;
	}
	const char *start = s.at;
	if (!skip_value(&s, DEPTH))
		return false;
	size_t n = (size_t)(s.at - start);
	if (*start == '"') {
		start++;
		const char *escape = memchr(start, '\\', n - 2);
		n = escape != NULL ? (size_t)(escape - start) : n - 2;
	}
	if (n >= size)
		n = size - 1;
	memcpy(value, start, n);
	value[n] = '\0';
	return true;
}
