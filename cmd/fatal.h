#ifndef FATAL_H
#define FATAL_H

/* Prints the message in one line on stderr and exits with status 1. */
_Noreturn void fatal(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The same; the message is `what`, followed by the text of errno. */
_Noreturn void fatal_errno(const char *what);

/* The same; the message is that memory is short. */
_Noreturn void fatal_memory(void);

#endif
