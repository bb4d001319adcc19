#ifndef ELF_FILE_H
#define ELF_FILE_H

#include "kind.h"

/* Whether the source is an ELF file; then kind tells which. */
bool elf_file_look(struct source *source, struct kind *kind);

#endif
