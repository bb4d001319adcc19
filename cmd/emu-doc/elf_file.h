#ifndef ELF_FILE_H
#define ELF_FILE_H

#include "kind.h"

/* Returns whether the source is an ELF file, and then stores which. */
bool elf_file_look(struct source *source, struct kind *kind);

#endif
