#ifndef NOTICE_H
#define NOTICE_H

/* Prints a line "emu-spawn: ..." on stderr, as warnx(3) does, but never waits
 * for a stderr that is stuck: then nobody reads it anyway. */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
