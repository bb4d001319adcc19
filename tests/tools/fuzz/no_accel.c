/* In place of emu-argv's accel.c: no emulator is run here. */
#include "accel.h"

int
accel_prove(const char *emulator, const char *target, const char *machine,
    const char *cpu, double scale, struct reason *why)
{
	return reason_set(why, "%s %s %s %s %g: not in a fuzz target", emulator,
	    target, machine, cpu, scale);
}
