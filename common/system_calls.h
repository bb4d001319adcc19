#ifndef SYSTEM_CALLS_H
#define SYSTEM_CALLS_H

#include <stdio.h>

/* System calls for which glibc has functions, but musl up to 1.2.5 has not.
 * They behave as their manual pages say. RENAME_NOREPLACE is defined as well.
 */
#ifdef __GLIBC__
#include <sys/pidfd.h>
#include <unistd.h>
#else
#include <signal.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1u
#endif

int pidfd_open(pid_t pid, unsigned flags);
int pidfd_send_signal(int pidfd, int number, siginfo_t *info, unsigned flags);
int close_range(unsigned first, unsigned last, int flags);
int renameat2(
    int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
#endif

#endif
