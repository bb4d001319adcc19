#include "ending.h"

#include "intake.h"

#include <sys/wait.h>

/* What is kept of a guest's last words that stdout cannot take. */
enum { LAST_WORDS = 1 << 20 };

/* How long a process may take to die of SIGKILL. */
static const uint64_t dying_ns = 10000000000;

/* How often to look whether -X has read all. */
static const uint64_t hang_up_ns = 5000000;

/* Whether it can be asked by QMP. */
static bool
may_quit(const struct machine *m)
{
	return m->child.qmp >= 0 && m->greeted;
}

static void
tell(struct machine *m, uint64_t now)
{
	uint64_t grace = m->options->grace;

	switch (m->told) {
	case TOLD_QUIT:
		qmp_send(m->child.qmp, "{\"execute\":\"quit\"}\r\n");
		m->tell_next = now + grace / 2;
		break;
	case TOLD_TERM:
		child_signal(&m->child, SIGTERM);
		child_signal(&m->child, SIGCONT);
		m->tell_next = now + (may_quit(m) ? grace - grace / 2 : grace);
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
	else if (m->told == TOLD_QUIT && !may_quit(m))
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
	if (m->line.log < 0 || m->line.log_failed)
		line_grow(&m->line, LAST_WORDS);
	talk_signal(&m->talk, SIGTERM);
	ending_escalate(m, now);
}

void
ending_expect(struct machine *m, uint64_t now)
{
	if (m->state == RUNNING && m->tell_next == UINT64_MAX)
		m->tell_next = now + m->options->grace;
}

/* While it is a zombie, its process group is still its own. */
static void
bury(struct machine *m, uint64_t now)
{
	struct reason why;

	intake_qmp(m, now);
	child_signal(&m->child, SIGKILL);
	guard_drop(&m->guard, m->child.pid);
	wait4(m->child.pid, &m->wait_status, 0, &m->usage);
	m->child.pid = 0;
	m->ended = true;
	children_bury(&m->rest, &why);
	drain(m, now);
}

static void
bury_talk(struct machine *m, uint64_t now)
{
	int status = 0;

	talk_signal(&m->talk, SIGKILL);
	guard_drop(&m->guard, m->talk.pid);
	waitpid(m->talk.pid, &status, 0);
	children_drop(&m->rest.spared, m->talk.pid);
	talk_ended(&m->talk, status);
	stream_close(&m->talk.to.stream);
	line_release(&m->line, &m->talk.to);
	if (!m->talk.failed || m->state != RUNNING)
		return;
	verdict_command(&m->verdict, m->talk.status);
	ending_begin(m, now);
}

void
ending_reap(struct machine *m, uint64_t now)
{
	siginfo_t info = {0};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0) {
		if (info.si_pid == m->child.pid)
			bury(m, now);
		else if (info.si_pid == m->talk.pid)
			bury_talk(m, now);
		else
			waitpid(info.si_pid, NULL, 0);
		info.si_pid = 0;
	}
}

/* Whether nobody is behind any more. */
static bool
all_given(const struct machine *m)
{
	return line_given(&m->line, &m->out) && line_given(&m->line, &m->log) &&
	       line_given(&m->line, &m->talk.to) &&
	       line_given(&m->errors, &m->messages) &&
	       clients_given(&m->clients, &m->line);
}

static uint64_t
sum_given(const struct machine *m)
{
	uint64_t sum = m->out.at + m->log.at + m->messages.at + m->talk.to.at;

	for (size_t i = 0; i < m->clients.count; i++)
		sum += m->clients.list[i].sink.at;
	return sum;
}

void
ending_look(struct machine *m, uint64_t now)
{
	uint64_t given = sum_given(m);
	bool dry = true;

	if (m->state != DRAINING)
		return;
	if (given != m->given)
		m->give_up = now + m->options->grace;
	m->given = given;
	for (int i = 0; i < SOURCES; i++)
		dry &= m->sources[i] < 0;
	/* The end of the line is what -X waits for now. */
	if (dry && line_given(&m->line, &m->talk.to) && talk_hang_up(&m->talk))
		m->rest_until = now + hang_up_ns;
	if (dry && m->talk.pid == 0 && all_given(m))
		m->state = DONE;
	if (now < m->give_up || m->state == DONE)
		return;
	intake_discard(m);
	talk_signal(&m->talk, SIGKILL);
	if (m->talk.pid > 0)
		bury_talk(m, now);
	m->state = DONE;
}
