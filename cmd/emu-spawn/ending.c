#include "ending.h"

#include <sys/socket.h>
#include <sys/wait.h>

/* What is kept of a guest's last words that stdout cannot take. */
enum { LAST_WORDS = 1 << 20 };

/* How long a process may take to die of SIGKILL. */
static const uint64_t dying_ns = 10000000000;

static void
tell(struct machine *m, uint64_t now)
{
	const char quit[] = "{\"execute\":\"quit\"}\r\n";
	uint64_t grace = m->options->grace;

	switch (m->told) {
	case TOLD_QUIT:
		send(m->child.qmp, quit, sizeof(quit) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		m->tell_next = now + grace / 2;
		break;
	case TOLD_TERM:
		child_signal(&m->child, SIGTERM);
		child_signal(&m->child, SIGCONT);
		m->tell_next =
		    now + (m->child.qmp >= 0 ? grace - grace / 2 : grace);
		break;
	default:
		child_signal(&m->child, SIGKILL);
		m->tell_next = now + dying_ns;
		break;
	}
}

static void
drain(struct machine *m, uint64_t now)
{
	m->state = DRAINING;
	m->ended_at = now;
	m->tell_next = UINT64_MAX;
	m->give_up = now + m->options->grace;
	m->rest_until = 0;
}

void
ending_escalate(struct machine *m, uint64_t now)
{
	if (m->state == RUNNING) {
		ending_begin(m, now);
		return;
	}
	if (m->state != STOPPING)
		return;
	if (m->told == TOLD_KILL) {
		/* It sits in the kernel; nobody can help that. */
		drain(m, now);
		return;
	}
	m->told++;
	if (m->options->grace == 0)
		m->told = TOLD_KILL;
	else if (m->told == TOLD_QUIT && m->child.qmp < 0)
		m->told = TOLD_TERM;
	tell(m, now);
}

void
ending_begin(struct machine *m, uint64_t now)
{
	if (m->state != RUNNING)
		return;
	m->state = STOPPING;
	m->rest_until = 0;
	/* An emulator that is blocked on output heeds nothing. */
	if (m->line.log < 0)
		line_grow(&m->line, LAST_WORDS);
	ending_escalate(m, now);
}

void
ending_expect(struct machine *m, uint64_t now)
{
	if (m->state == RUNNING && m->tell_next == UINT64_MAX)
		m->tell_next = now + m->options->grace;
}

void
ending_reap(struct machine *m, uint64_t now)
{
	siginfo_t info = {0};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0) {
		if (info.si_pid != m->child.pid) {
			waitpid(info.si_pid, NULL, 0);
			info.si_pid = 0;
			continue;
		}
		/* While it is a zombie, its group is still its own. */
		child_signal(&m->child, SIGKILL);
		wait4(m->child.pid, &m->wait_status, 0, &m->usage);
		m->child.pid = 0;
		m->ended = true;
		kin_bury(&m->kin);
		drain(m, now);
		info.si_pid = 0;
	}
}
