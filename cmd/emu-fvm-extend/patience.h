#ifndef PATIENCE_H
#define PATIENCE_H

/* That many seconds (at most 2000), times the factor EMU_TIME_SCALE (up to
 * 1000) if there is one, in milliseconds. */
int patience_ms(int seconds);

#endif
