#ifndef FATAL_END_H
#define FATAL_END_H

#include <setjmp.h>

/* Where fatal(), of cmd/fatal.c, goes on in place of ending the process. */
extern jmp_buf fatal_end;

#endif
