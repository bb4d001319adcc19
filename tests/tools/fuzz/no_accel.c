/* In place of emu-argv's accel.c: no emulator is run here. */
#include "accel.h"

int
accel_prove(const char *emulator, const struct target *target,
    const char *machine, const char *cpu, struct reason *why)
{
	return reason_set(why, "%s %s %s %s: not in a fuzz target", emulator,
	    target->name, machine, cpu);
}
