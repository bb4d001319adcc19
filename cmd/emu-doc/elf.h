#ifndef ELF_H
#define ELF_H

#include "kind.h"

/* Whether the source is an ELF file; then kind tells which. */
bool elf_look(struct source *source, struct kind *kind);

#endif
