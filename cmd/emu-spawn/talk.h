#ifndef TALK_H
#define TALK_H

#include "feed.h"
#include "line.h"
#include "reason.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* A command that holds the conversation with the guest: its stdin and stdout
 * are on the line. Its stdin is a raw pty, because chat(8) wants a terminal,
 * its stdout a pipe. */
struct talk {
	pid_t pid;      /* also its process group and session; 0: not running */
	struct sink to; /* its stdin: the master */
	int slave;      /* held, to see what it has not read yet; or -1 */
	int from;       /* its stdout, or -1 */
	bool failed;
	int status; /* as a shell has it: 128+n for signal n */
};

/* Starts sh -c command with this signal mask. Returns 0, or -1 with the
 * reason. */
int talk_open(struct talk *talk, const char *command, const sigset_t *mask,
    struct reason *why);

/* Reads what it says into the feed. Returns 0, or -1 with errno. */
int talk_take(struct talk *talk, struct feed *feed);

/* The line has ended: lets it see that, once it has read what there is (a
 * hangup throws away the rest). Returns whether it did not take that yet. */
bool talk_hang_up(struct talk *talk);

/* It ended with this wait status. */
void talk_ended(struct talk *talk, int wait_status);

/* Sends a signal to its process group. */
void talk_signal(const struct talk *talk, int number);

void talk_close(struct talk *talk);

#endif
