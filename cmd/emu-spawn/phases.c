#include "phases.h"

#include "words.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What is kept of a guest's last words that stdout cannot take. */
enum { LAST_WORDS = 1 << 20 };

/* How often to look whether -X has read all. */
static const uint64_t hang_up_ns = 5000000;

/* How long an emulator may outlive a helper, which ends with it. */
static const uint64_t helpless_ns = 2000000000;

/* How long a process may take to die of SIGKILL. */
static const uint64_t dying_ns = 10000000000;

/* Tells whether this time has come; if not, the next turn is at that time at
 * the latest. */
static bool
has_come(struct run *run, uint64_t time)
{
	if (time <= run->now)
		return true;
	if (time < run->due)
		run->due = time;
	return false;
}

/* What was assumed about the machine is in its words. */
static void
tell_silence(struct run *run)
{
	static const char *const options[] = {
	    "-machine", "-M", "-bios", "-kernel", "-initrd", "-append"};
	char text[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const char *value = words_option(run->words, options[i]);

		if (value != NULL && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s %s", len > 0 ? " " : ": ", options[i], value);
	}
	warnx("no output in the first %.10g s%s",
	    (double)run->limits[LIMIT_NOTE].length / 1e9, text);
	run->limits[LIMIT_NOTE].length = 0;
}

static void
record_limit(struct run *run, int i)
{
	static const struct {
		const char *name, *what;
		enum cause cause;
		int status;
	} limits[LIMITS] = {
	    [LIMIT_TOTAL] = {"total", "still running after", CAUSE_TIMEOUT,
		124},
	    [LIMIT_FIRST] = {"first", "no output in the first", CAUSE_SILENCE,
		122},
	    [LIMIT_SILENCE] = {"silence", "no output for", CAUSE_SILENCE, 122},
	};
	char text[1024], last[VERDICT_LINE];
	size_t len =
	    line_tail(&run->output.lines[OUTPUT_SERIAL], text, sizeof(text));

	verdict_last_line(text, len, last);
	if (run->verdict.cause == CAUSE_NONE)
		run->verdict.limit = limits[i].name;
	verdict_stop(&run->verdict, limits[i].cause, limits[i].status,
	    "%s %.10g s%s%.200s%s", limits[i].what,
	    (double)run->limits[i].length / 1e9,
	    last[0] != '\0' ? "; the last line was \"" : "", last,
	    last[0] != '\0' ? "\"" : "");
}

/* A guest that stands still (a debugger's, -S) is not silent. */
static void
count_pause(struct run *run)
{
	uint64_t now = run->now;

	if (run->paused_since > 0 && now > run->paused_since)
		for (int i = 0; i < LIMITS; i++)
			run->limits[i].start += now - run->paused_since;
	run->paused_since = run->verdict.paused ? now : 0;
}

/* What the emulator waited for a CPU extends a limit. */
static bool
limit_has_passed(struct run *run, int i)
{
	struct limit *limit = &run->limits[i];

	if ((i == LIMIT_FIRST || i == LIMIT_NOTE) &&
	    run->output.first_byte != UINT64_MAX)
		return false;
	if (run->now >= limit_due(limit))
		limit_extend(limit, limit_run_delay(run->emulator.child.pid));
	return has_come(run, limit_due(limit));
}

static void
look_at_limits(struct run *run)
{
	const struct line *line = &run->output.lines[OUTPUT_SERIAL];

	count_pause(run);
	if (run->phase != RUN_RUNNING || run->paused_since > 0)
		return;
	/* While a reader without log is behind, the guest may wait for it. */
	if (line_room(line) < line->size)
		limit_start(&run->limits[LIMIT_SILENCE], run->now, run->delay);
	for (int i = 0; i < LIMITS; i++)
		if (limit_has_passed(run, i))
			i == LIMIT_NOTE ? tell_silence(run)
					: record_limit(run, i);
}

/* -Z saves when the conversation is over, or a signal says so. */
static bool
save_is_due(const struct run *run)
{
	const struct options *options = run->options;

	if (options->save == NULL || run->verdict.stop || !run->verdict.ran)
		return false;
	if (run->save_asked)
		return true;
	if (options->command != NULL)
		return run->dialog_status == 0 && run->input.len == 0;
	return options->awaited != NULL &&
	       run->output.lines[OUTPUT_SERIAL].awaited == NULL;
}

/* Goes on with what is kept of the machine. */
static void
look_at_monitor(struct run *run)
{
	struct monitor *monitor = &run->monitor;

	if (run->verdict.greeted && run->phase == RUN_RUNNING)
		monitor_begin(monitor, MONITOR_LOAD, run->now);
	if (run->phase == RUN_RUNNING && save_is_due(run))
		monitor_begin(monitor, MONITOR_SAVE, run->now);
	monitor_look(monitor, run->now);
}

static enum phase
next_of_running(struct run *run)
{
	const char *helpless = run->helpers.failure.text;

	if (run->verdict.awaited && run->until == UINT64_MAX)
		run->until = run->now + run->options->grace;
	if (helpless[0] != '\0' && run->until == UINT64_MAX)
		run->until = run->now + helpless_ns;
	if (helpless[0] != '\0' && has_come(run, run->until) &&
	    !run->verdict.powered_off)
		verdict_error(&run->verdict, helpless, 0);
	return run->verdict.stop || has_come(run, run->until) ? RUN_KEEPING
							      : RUN_RUNNING;
}

/* The next way to ask that applies. Without grace it is SIGKILL at once. */
static enum phase
next_of_asked(const struct run *run)
{
	bool command = run->port.fd >= 0 && run->port.state == COMMAND_RUNS &&
		       run->interrupted != 0;
	enum phase next = run->phase + 1;

	if (next < RUN_KILLED && run->options->grace == 0)
		return RUN_KILLED;
	if (next == RUN_SIGNALLED && !command)
		next = RUN_QUITTING;
	if (next == RUN_QUITTING && !monitor_heeds(&run->monitor))
		next = RUN_TERMINATING;
	return next;
}

/* What -D and -P want of a machine that failed while it was there to be asked,
 * and what was begun before. */
static enum phase
next_of_keeping(struct run *run)
{
	struct monitor *monitor = &run->monitor;
	enum cause cause = run->verdict.cause;
	bool failed = cause == CAUSE_PANIC || cause == CAUSE_SILENCE ||
		      cause == CAUSE_TIMEOUT;

	if (run->impatient || !monitor_heeds(monitor)) {
		monitor_end(monitor);
		return next_of_asked(run);
	}
	if (failed) {
		monitor_begin(monitor, MONITOR_PICTURE, run->now);
		monitor_begin(monitor, MONITOR_CORE, run->now);
	}
	return monitor->job == MONITOR_NOTHING ? next_of_asked(run)
					       : RUN_KEEPING;
}

/* The end of the line is what -X waits for now. It sees that once it has read
 * what there is, since a hangup throws away the rest. */
static void
hang_up_dialog(struct run *run)
{
	const struct line *line = &run->output.lines[OUTPUT_SERIAL];
	struct sink *dialog =
	    &run->output.lines[OUTPUT_SERIAL].sinks[SINK_DIALOG];

	if (dialog->stream.fd < 0 || !line_given(line, dialog))
		return;
	if (program_has_unread(&run->dialog))
		has_come(run, run->now + hang_up_ns);
	else
		line_release(dialog, 0);
}

/* Somebody who takes something is waited for. */
static enum phase
next_of_draining(struct run *run)
{
	struct output *o = &run->output;
	uint64_t lacked = output_lacked(o);

	if (lacked != run->lacked)
		run->until = run->now + run->options->grace;
	run->lacked = lacked;
	/* What is left of the dead needs no wait, when there is room for it. */
	for (int i = 0; i < OUTPUT_SOURCES && run->ended; i++)
		if (output_may_read(o, i, false))
			run->due = run->now;
	if (output_dry(o)) {
		hang_up_dialog(run);
		if (run->dialog.child.pid == 0 && lacked == 0)
			return RUN_DONE;
	}
	if (!has_come(run, run->until) && !run->impatient)
		return RUN_DRAINING;
	output_discard(o);
	run_end_dialog(run);
	return RUN_DONE;
}

static enum phase
next_phase(struct run *run)
{
	if (run->ended && run->phase < RUN_DRAINING)
		return RUN_DRAINING;
	if (run->phase == RUN_RUNNING)
		return next_of_running(run);
	if (run->phase == RUN_KEEPING)
		return next_of_keeping(run);
	if (run->phase == RUN_DRAINING)
		return next_of_draining(run);
	return run->impatient || has_come(run, run->until) ? next_of_asked(run)
							   : run->phase;
}

static void
begin_keeping(struct run *run)
{
	struct line *line = &run->output.lines[OUTPUT_SERIAL];

	run->output.rest_until = 0;
	if (line->log < 0 || line->log_error != 0)
		line_grow(line, LAST_WORDS);
	child_signal(&run->dialog.child, SIGTERM);
}

/* A quit has half of the grace, and a SIGTERM what it left. */
static void
begin(struct run *run, enum phase phase)
{
	const struct child *emulator = &run->emulator.child;
	uint64_t half = run->options->grace / 2, all = run->options->grace;
	uint64_t rest = run->phase == RUN_QUITTING ? all - half : all;

	run->phase = phase;
	run->until = run->now + rest;
	switch (phase) {
	case RUN_KEEPING:
		begin_keeping(run);
		break;
	case RUN_SIGNALLED:
		command_port_signal(&run->port, run->interrupted);
		break;
	case RUN_QUITTING:
		monitor_quit(&run->monitor);
		run->until = run->now + half;
		break;
	case RUN_TERMINATING:
		child_signal(emulator, SIGTERM);
		child_signal(emulator, SIGCONT);
		break;
	case RUN_KILLED:
		child_signal(emulator, SIGKILL);
		run->killed = true;
		run->until = run->now + dying_ns;
		break;
	case RUN_DRAINING:
		run->ended_at = run->now;
		run->until = run->now + all;
		run->output.rest_until = 0;
		break;
	default:
		break;
	}
}

/* What happens in each phase:
 *
 *                RUNNING, KEEPING   asked to end       DRAINING
 * line, stderr   give to sinks      give, else drop    give; dry when empty
 * QMP            record             record
 * input          queue, send        drop               drop
 * reader gone    record             record             forget
 * log failed     record             record
 * limit passed   record
 * signal to us   record             next phase         give up
 * child's end    drain              drain
 * time           stop if recorded   next phase         give up
 *
 * KEEPING drops as those behind it do. */
void
phases_look(struct run *run)
{
	enum phase next;

	run->due = UINT64_MAX;
	look_at_limits(run);
	look_at_monitor(run);
	while (
	    run->phase != RUN_DONE && (next = next_phase(run)) != run->phase) {
		begin(run, next);
		run->impatient = false;
	}
	run->impatient = false;
	if (run->monitor.job != MONITOR_NOTHING)
		has_come(run, run->monitor.due);
	if (run->output.rest_until > 0)
		has_come(run, run->output.rest_until);
}
