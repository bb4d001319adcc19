#ifndef FATAL_H
#define FATAL_H

/* Says why, in one line on stderr, and ends the program with status 1. */
_Noreturn void fatal(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The same, followed by the text of errno. */
_Noreturn void fatal_errno(const char *what);

/* The same for memory that could not be had. */
_Noreturn void fatal_memory(void);

#endif
