#ifndef SHARES_H
#define SHARES_H

#include "machine.h"
#include "words.h"

/* Checks the shares and the helpers, and finds the program that serves those of
 * driver virtiofs. */
void shares_complete(struct machine *machine);

/* What emu-spawn has to start before the emulator: -H and SOCKET=COMMAND for
 * each helper of the document and each share of driver virtiofs. */
void shares_helpers(const struct machine *machine, struct words *words);

/* Behind the value of -machine: memory that the helpers of shares can map. */
void shares_machine(const struct machine *machine, struct words *words);

/* The devices, and that memory. */
void shares_words(const struct machine *machine, struct words *words);

#endif
