#include "machine_words.h"

#include "named_files.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

json_t *
machine_words(char *const *argv, const char *directory, struct reason *why)
{
	json_t *words = json_array();
	json_t *files = named_files(argv, directory, why);

	for (size_t i = 0; files != NULL && argv[i] != NULL; i++) {
		char *word = named_files_hide(argv[i]);
		int r = json_array_append_new(
		    words, word != NULL ? json_string(word) : NULL);

		free(word);
		if (r == 0)
			continue;
		reason_set(why, "word %zu: not UTF-8", i);
		json_decref(files);
		files = NULL;
	}
	if (files == NULL) {
		json_decref(words);
		return NULL;
	}
	return json_pack("{s:o, s:o}", "words", words, "files", files);
}

static int
compare_words(const char *path, const json_t *saved, const json_t *now,
    struct reason *why)
{
	size_t most = json_array_size(saved);

	if (json_array_size(now) > most)
		most = json_array_size(now);
	for (size_t i = 0; i < most; i++) {
		const char *old = json_string_value(json_array_get(saved, i));
		const char *new = json_string_value(json_array_get(now, i));
		const char *option =
		    i > 0 ? json_string_value(json_array_get(now, i - 1))
			  : NULL;

		if (old != NULL && new != NULL && strcmp(old, new) == 0)
			continue;
		bool named = option != NULL && option[0] == '-';
		return reason_set(why,
		    "%s: saved with other words: %s%s%.300s, now %.300s", path,
		    named ? option : "", named ? " " : "",
		    old != NULL ? old : "(none)", new != NULL ? new : "(none)");
	}
	return 0;
}

static int
compare_files(const char *path, const json_t *saved, const json_t *now,
    struct reason *why)
{
	size_t i;
	json_t *file;

	json_array_foreach(now, i, file)
	{
		const json_t *old = json_array_get(saved, i);

		if (strcmp(text_of(old, "path"), text_of(file, "path")) != 0 ||
		    strcmp(text_of(old, "content"), text_of(file, "content")) !=
			0)
			return reason_set(why,
			    "%s: saved with another content of %s", path,
			    text_of(file, "path"));
	}
	return json_array_size(saved) == json_array_size(now)
		   ? 0
		   : reason_set(why, "%s: saved with other files", path);
}

int
machine_words_compare(const char *path, const json_t *saved, const json_t *now,
    struct reason *why)
{
	if (compare_words(path, json_object_get(saved, "words"),
		json_object_get(now, "words"), why) < 0)
		return -1;
	return compare_files(path, json_object_get(saved, "files"),
	    json_object_get(now, "files"), why);
}
