#ifndef KIN_H
#define KIN_H

#include <stddef.h>
#include <sys/types.h>

/* Our children that are not the emulator's: those of whoever became us by exec,
 * and those with an errand of their own. */
struct kin {
	pid_t *spared;
	size_t count;
};

/* Makes orphans among our descendants our children (subreaper), and spares the
 * children that we have already. Returns 0, or -1 with errno. */
int kin_open(struct kin *kin);
void kin_close(struct kin *kin);

/* Spares one more child, and no more. Returns 0, or -1 with errno. */
int kin_spare(struct kin *kin, pid_t pid);
void kin_unspare(struct kin *kin, pid_t pid);

/* Kills and reaps every other child, and what is left by them in turn. Whoever
 * does not die within a second is left behind. */
void kin_bury(const struct kin *kin);

#endif
