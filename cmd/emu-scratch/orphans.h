#ifndef ORPHANS_H
#define ORPHANS_H

/* Ends the processes of a run whose both halves were killed, told by their
 * environment: EMU_SCRATCH is a path that ends in this name. SIGTERM, a tenth
 * of a second, SIGKILL. Those that may not be looked at are left. */
void orphans_end(const char *name);

#endif
