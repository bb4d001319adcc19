#include "keeping.h"

#include "clock.h"
#include "monitor.h"

#include <errno.h>

static void
send_next(struct run *run)
{
	if (run->emulator.qmp >= 0 &&
	    qmp_steps_send(&run->keeper.steps, run->emulator.qmp) < 0)
		monitor_lose(run, errno);
}

/* Begins a job of the keeper, if there is one to do. */
static void
begin_job(struct run *run, enum keeper_job job)
{
	struct reason why;

	int result = keeper_begin(&run->keeper, job, clock_now(), &why);
	if (result > 0)
		send_next(run);
	if (result >= 0)
		return;
	if (run->phase == RUN_KEEPING)
		verdict_explain(&run->verdict, why.text);
	else
		verdict_stop(&run->verdict, CAUSE_ERROR, 125, "%s", why.text);
}

/* -Z saves when the conversation is over, or a signal says so. */
static bool
save_is_due(const struct run *run)
{
	const struct options *options = run->options;

	if (run->phase != RUN_RUNNING || run->verdict.stop ||
	    run->keeper.job != KEEPER_NOTHING || !run->verdict.ran)
		return false;
	if (run->save_asked)
		return true;
	if (options->command != NULL)
		return run->dialog.ended && run->dialog.status == 0 &&
		       run->input.queue.len == 0;
	return options->awaited != NULL && guest_input_is_due(&run->input);
}

static void
end_job(struct run *run)
{
	enum keeper_job job = run->keeper.job;
	struct reason why;
	int result = keeper_end(&run->keeper, &why);

	if (job == KEEPER_SAVE && result == 0) {
		run->saved = true;
		verdict_stop(&run->verdict, CAUSE_EXIT, 0, "%s", "");
	} else if (result < 0 && run->phase == RUN_KEEPING) {
		verdict_explain(&run->verdict, why.text);
	} else if (result < 0) {
		verdict_stop(&run->verdict, CAUSE_ERROR, 125, "%s", why.text);
	}
}

/* Goes on with what is kept of the machine. */
void
keeping_turn(struct run *run, uint64_t now)
{
	struct keeper *keeper = &run->keeper;

	if (run->verdict.greeted && run->phase == RUN_RUNNING)
		begin_job(run, KEEPER_LOAD);
	if (run->options->save != NULL && save_is_due(run))
		begin_job(run, KEEPER_SAVE);
	if (keeper->job == KEEPER_NOTHING || run->emulator.qmp < 0)
		return;
	send_next(run);
	if (qmp_steps_ended(&keeper->steps) || keeper_is_stuck(keeper, now))
		end_job(run);
}

bool
keeping_is_idle(const struct run *run)
{
	const struct keeper *keeper = &run->keeper;

	return keeper->job == KEEPER_NOTHING &&
	       (run->options->load == NULL || keeper->done[KEEPER_LOAD]);
}

/* What -D and -P want of a machine that failed while it was there to be asked.
 * Returns whether there is something to do. */
static bool
begin_next(struct run *run)
{
	enum cause cause = run->verdict.cause;

	if (!monitor_heeds(run) || run->impatient ||
	    (cause != CAUSE_PANIC && cause != CAUSE_SILENCE &&
		cause != CAUSE_TIMEOUT))
		return false;
	begin_job(run, KEEPER_PICTURE);
	if (run->keeper.job == KEEPER_NOTHING)
		begin_job(run, KEEPER_CORE);
	return run->keeper.job != KEEPER_NOTHING;
}

bool
keeping_before_end(struct run *run)
{
	bool hopeless = run->impatient || !monitor_heeds(run);

	if (run->keeper.job != KEEPER_NOTHING && hopeless)
		end_job(run);
	return run->keeper.job != KEEPER_NOTHING || begin_next(run);
}
