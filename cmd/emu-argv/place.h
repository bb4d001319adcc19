#ifndef PLACE_H
#define PLACE_H

#include "document.h"
#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Reading a document with one check at the end: the first fault is kept in
 * *why, everything after it reads as absent. */
struct reader {
	const struct document *document;
	struct reason *why;
	bool failed;
};

/* An object of the document and how messages call what is in it: "" for the
 * document, "drives[0]." for a drive. An absent object reads as an empty one.
 */
struct place {
	struct reader *reader;
	json_t *object;
	char name[64];
};

/* Notes a fault at the key (or at the place itself when key is ""): "<stdin>:
 * drives[0].image: what". */
void place_fault(const struct place *place, const char *key, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* True when the key is there and not null. */
bool place_has(const struct place *place, const char *key);

/* The value of a key, or what it is when absent. Texts are never "": that is
 * absent; a string may be. */
const char *place_string(
    const struct place *place, const char *key, const char *absent);
const char *place_text(
    const struct place *place, const char *key, const char *absent);
bool place_bool(const struct place *place, const char *key, bool absent);
int64_t place_integer(const struct place *place, const char *key, int64_t min,
    int64_t max, int64_t absent);

/* A string that has to be there and not "". NULL when it is not, noted. */
const char *place_need(const struct place *place, const char *key);

/* The index of the string in choices (ended by NULL), or absent. */
int place_choice(const struct place *place, const char *key,
    const char *const *choices, int absent);

/* The object, or an array's object, below a key. */
struct place place_object(const struct place *place, const char *key);
json_t *place_array(const struct place *place, const char *key);
struct place place_element(
    const struct place *place, const char *key, const json_t *array, size_t i);

/* Notes the first key of the object that is not among those known (ended by
 * NULL) and no comment ($, _, x-). When strict is false, only a key that looks
 * like a slip for one of them. */
void place_check(
    const struct place *place, const char *const *known, bool strict);

#endif
