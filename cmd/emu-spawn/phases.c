#include "phases.h"

#include "clock.h"
#include "last_line.h"
#include "monitor.h"
#include "words.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What is kept of a guest's last words that stdout cannot take. */
enum { LAST_WORDS = 1 << 20 };

/* How often to look whether -X has read all. */
static const uint64_t hang_up_ns = 5000000;

/* How long a process may take to die of SIGKILL. */
static const uint64_t dying_ns = 10000000000;

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool
limit_counts(const struct run *run, int i)
{
	return (i != LIMIT_FIRST && i != LIMIT_NOTE) ||
	       run->output.first_byte == UINT64_MAX;
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
	char tail[1024], last[LAST_LINE_BYTES];
	struct reason why;
	size_t len =
	    line_tail(&run->output.lines[OUTPUT_SERIAL], tail, sizeof(tail));

	last_line(tail, len, last);
	if (run->verdict.cause == CAUSE_NONE)
		run->verdict.limit = limits[i].name;
	reason_set(&why, "%s %.10g s%s%.200s%s", limits[i].what,
	    (double)run->limits[i].length / 1e9,
	    last[0] != '\0' ? "; the last line was \"" : "", last,
	    last[0] != '\0' ? "\"" : "");
	verdict_stop(
	    &run->verdict, limits[i].cause, limits[i].status, why.text);
}

/* A guest that stands still (a debugger's, -S) is not silent. */
static void
count_pause(struct run *run, uint64_t now)
{
	if (run->paused_since > 0 && now > run->paused_since)
		for (int i = 0; i < LIMITS; i++)
			limit_shift(&run->limits[i], now - run->paused_since);
	run->paused_since = run->verdict.paused ? now : 0;
}

static void
look_at_limits(struct run *run, uint64_t now)
{
	const struct line *line = &run->output.lines[OUTPUT_SERIAL];

	count_pause(run, now);
	if (run->phase != RUN_RUNNING || run->paused_since > 0)
		return;
	/* While a reader without log is behind, the guest may wait for it. */
	if (line_room(line) < line->size)
		limit_start(&run->limits[LIMIT_SILENCE], now, run->delay);
	for (int i = 0; i < LIMITS; i++)
		if (limit_counts(run, i) && now >= limit_due(&run->limits[i]) &&
		    limit_passed(&run->limits[i], now,
			limit_run_delay(run->emulator.child.pid)))
			i == LIMIT_NOTE ? tell_silence(run)
					: record_limit(run, i);
}

/* A failure of -D or -P does not change the verdict. */
static void
keeping_failed(struct run *run, const struct reason *why)
{
	if (run->phase == RUN_KEEPING)
		verdict_explain(&run->verdict, why->text);
	else
		verdict_error(&run->verdict, why->text, 0);
}

/* Begins a job of the keeper, if there is one to do. */
static void
begin_job(struct run *run, enum keeper_job job)
{
	struct reason why;

	if (keeper_begin(&run->keeper, job, clock_now(), &why) < 0)
		keeping_failed(run, &why);
	monitor_keep(run);
}

static void
end_job(struct run *run)
{
	enum keeper_job job = run->keeper.job;
	struct reason why;

	if (keeper_end(&run->keeper, &why) < 0) {
		keeping_failed(run, &why);
	} else if (job == KEEPER_SAVE) {
		run->saved = true;
		verdict_stop(&run->verdict, CAUSE_EXIT, 0, "");
	}
}

/* -Z saves when the conversation is over, or a signal says so. */
static bool
save_is_due(const struct run *run)
{
	const struct options *options = run->options;

	if (options->save == NULL || run->verdict.stop ||
	    run->keeper.job != KEEPER_NOTHING || !run->verdict.ran)
		return false;
	if (run->save_asked)
		return true;
	if (options->command != NULL)
		return run->dialog_status == 0 && run->input.len == 0;
	return options->awaited != NULL && guest_input_is_due(&run->input);
}

/* Goes on with what is kept of the machine. */
static void
look_at_keeper(struct run *run, uint64_t now)
{
	if (run->verdict.greeted && run->phase == RUN_RUNNING)
		begin_job(run, KEEPER_LOAD);
	if (run->phase == RUN_RUNNING && save_is_due(run))
		begin_job(run, KEEPER_SAVE);
	if (run->keeper.job == KEEPER_NOTHING || run->emulator.qmp < 0)
		return;
	monitor_keep(run);
	if (keeper_is_over(&run->keeper, now))
		end_job(run);
}

/* The next word that can be said. Without grace it is SIGKILL at once. */
static enum word
next_word(const struct run *run)
{
	bool command = run->port.fd >= 0 && run->port.state == COMMAND_RUNS &&
		       run->interrupted != 0;
	enum word word = run->said + (run->said < WORD_GIVE_UP);

	if (word < WORD_KILL && run->options->grace == 0)
		return WORD_KILL;
	if (word == WORD_COMMAND && !command)
		word = WORD_QUIT;
	if (word == WORD_QUIT && !monitor_heeds(run))
		word = WORD_TERM;
	return word;
}

/* Says the next word to an emulator that has to end. A quit has half of the
 * grace, and a SIGTERM what it left. */
static void
say_next(struct run *run, uint64_t now)
{
	uint64_t grace = run->options->grace;
	bool quit = run->said == WORD_QUIT;

	run->said = next_word(run);
	run->next_word = now + dying_ns;
	switch (run->said) {
	case WORD_COMMAND:
		command_port_signal(&run->port, run->interrupted);
		run->next_word = now + grace;
		break;
	case WORD_QUIT:
		monitor_ask(run, "quit", NULL, NULL);
		run->next_word = now + grace / 2;
		break;
	case WORD_TERM:
		child_signal(&run->emulator.child, SIGTERM);
		child_signal(&run->emulator.child, SIGCONT);
		run->next_word = now + (quit ? grace - grace / 2 : grace);
		break;
	case WORD_KILL:
		child_signal(&run->emulator.child, SIGKILL);
		break;
	default:
		break;
	}
}

static enum phase
next_of_running(struct run *run, uint64_t now)
{
	if (run->verdict.awaited && run->await == 0)
		run->await = now + run->options->grace;
	return run->verdict.stop || (run->await > 0 && now >= run->await)
		   ? RUN_KEEPING
		   : RUN_RUNNING;
}

static void
begin_keeping(struct run *run, uint64_t now)
{
	struct output *o = &run->output;
	struct line *line = &o->lines[OUTPUT_SERIAL];

	(void)now;
	o->rest_until = 0;
	if (line->log < 0 || line->log_error != 0)
		line_grow(line, LAST_WORDS);
	child_signal(&run->dialog.child, SIGTERM);
}

/* What -D and -P want of a machine that failed while it was there to be asked,
 * and what was begun before. */
static enum phase
next_of_keeping(struct run *run, uint64_t now)
{
	enum cause cause = run->verdict.cause;
	bool failed = cause == CAUSE_PANIC || cause == CAUSE_SILENCE ||
		      cause == CAUSE_TIMEOUT;

	(void)now;
	if (run->impatient || !monitor_heeds(run)) {
		if (run->keeper.job != KEEPER_NOTHING)
			end_job(run);
		return RUN_STOPPING;
	}
	if (run->keeper.job == KEEPER_NOTHING && failed)
		begin_job(run, KEEPER_PICTURE);
	if (run->keeper.job == KEEPER_NOTHING && failed)
		begin_job(run, KEEPER_CORE);
	return run->keeper.job == KEEPER_NOTHING ? RUN_STOPPING : RUN_KEEPING;
}

static enum phase
next_of_stopping(struct run *run, uint64_t now)
{
	if (run->impatient || now >= run->next_word)
		say_next(run, now);
	return run->said == WORD_GIVE_UP ? RUN_DRAINING : RUN_STOPPING;
}

static void
begin_draining(struct run *run, uint64_t now)
{
	run->ended_at = now;
	run->give_up = now + run->options->grace;
	run->output.rest_until = 0;
}

/* Somebody who takes something is waited for. */
static enum phase
next_of_draining(struct run *run, uint64_t now)
{
	struct output *o = &run->output;
	const struct line *line = &o->lines[OUTPUT_SERIAL];
	struct sink *dialog = &o->lines[OUTPUT_SERIAL].sinks[SINK_DIALOG];
	uint64_t given = output_progress(o);

	if (given != run->given)
		run->give_up = now + run->options->grace;
	run->given = given;
	/* The end of the line is what -X waits for now. It sees that once it
	 * has read what there is, since a hangup throws away the rest. */
	if (output_dry(o) && dialog->stream.fd >= 0 &&
	    line_given(line, dialog)) {
		if (program_has_unread(&run->dialog))
			o->rest_until = now + hang_up_ns;
		else
			line_release(dialog, 0);
	}
	if (output_dry(o) && run->dialog.child.pid == 0 && output_given(o))
		return RUN_DONE;
	if (now < run->give_up && !run->impatient)
		return RUN_DRAINING;
	output_discard(o);
	run_end_dialog(run);
	return RUN_DONE;
}

/* The phases: what begins each, and what a turn of it makes of what was
 * recorded. What happens meanwhile:
 *
 *                RUNNING, KEEPING   STOPPING           DRAINING
 * line, stderr   give to sinks      give, else drop    give; dry when empty
 * QMP            record             record
 * input          queue, send        drop               drop
 * reader gone    record             record             forget
 * log failed     record             record
 * limit passed   record
 * signal to us   record             next word          give up
 * child's end    drain              drain
 * time           stop if recorded   next word          give up
 *
 * KEEPING drops as STOPPING does. */
static const struct {
	void (*begin)(struct run *run, uint64_t now);
	enum phase (*next)(struct run *run, uint64_t now);
} phases[] = {
    [RUN_RUNNING] = {NULL, next_of_running},
    [RUN_KEEPING] = {begin_keeping, next_of_keeping},
    [RUN_STOPPING] = {say_next, next_of_stopping},
    [RUN_DRAINING] = {begin_draining, next_of_draining},
};

void
phases_look(struct run *run, uint64_t now)
{
	look_at_limits(run, now);
	look_at_keeper(run, now);
	while (run->phase != RUN_DONE) {
		enum phase next = run->ended && run->phase < RUN_DRAINING
				      ? RUN_DRAINING
				      : phases[run->phase].next(run, now);

		run->impatient = false;
		if (next == run->phase)
			break;
		run->phase = next;
		if (next != RUN_DONE)
			phases[next].begin(run, now);
	}
}

/* Whether a source of the dead may have bytes that there is room for. */
static bool
remains(const struct run *run)
{
	for (int i = 0; i < OUTPUT_SOURCES; i++)
		if (output_may_read(&run->output, i, false))
			return run->ended;
	return false;
}

uint64_t
phases_due(const struct run *run)
{
	uint64_t due = UINT64_MAX;

	if (run->phase == RUN_RUNNING) {
		for (int i = 0; i < LIMITS && run->paused_since == 0; i++)
			if (limit_counts(run, i))
				due = earlier(due, limit_due(&run->limits[i]));
		if (run->await > 0)
			due = earlier(due, run->await);
	} else if (run->phase == RUN_STOPPING) {
		due = run->next_word;
	} else if (run->phase == RUN_DRAINING) {
		due = remains(run) ? 0 : run->give_up;
	}
	if (run->keeper.job != KEEPER_NOTHING)
		due = earlier(due, run->keeper.due);
	if (run->output.rest_until > 0)
		due = earlier(due, run->output.rest_until);
	return due;
}
