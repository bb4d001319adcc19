#ifndef INTROSPECT_H
#define INTROSPECT_H

#include "reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* What the emulator says of itself. */
struct introspect {
	const char *name; /* without its directory */
	char version[32];
	double scale;         /* of the time limits */
	char *help, *netdevs; /* texts, or NULL */
	json_t *answers;      /* of the QMP session, by id */
};

/* Writes a query of a QMP session: a command whose id is its name, or a command
 * about a type (len bytes, letters that need no quoting) whose id is the
 * type's. */
void introspect_query(
    FILE *out, const char *command, const char *type, int len);

/* Asks a program the queries in one session without a machine, and keeps the
 * answers in emulator->answers. Returns 0, or -1 with the reason. */
int introspect_converse(struct introspect *emulator, const char *program,
    const char *queries, struct reason *why);

/* The answer to the query with that id, borrowed; NULL when it was refused. */
json_t *introspect_answer(const struct introspect *emulator, const char *id);

/* True when an element of an answer has that name (len bytes), or that alias.
 */
bool introspect_listed(const json_t *list, const char *name, int len);

/* Stores what the program prints, which the caller frees. Returns 0, or -1 with
 * the reason. */
int introspect_run(const struct introspect *emulator, const char *const *argv,
    char **text, struct reason *why);

#endif
