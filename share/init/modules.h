#ifndef MODULES_H
#define MODULES_H

/* Loads the kernel modules of CONFIG_MODULES in the order of their names. One
 * that the kernel has already is no failure. Returns how many could not be
 * loaded; each is named on the console. */
int modules_load(void);

#endif
