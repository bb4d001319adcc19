/* In place of emu-argv's accel.c and emulator.c: no emulator is run here. */
#include "accel.h"
#include "emulator.h"

int
accel_prove(const char *emulator, const char *target, const char *machine,
    const char *cpu, double scale, struct reason *why)
{
	return reason_set(why, "%s %s %s %s %g: not in a fuzz target", emulator,
	    target, machine, cpu, scale);
}

int
emulator_look(struct machine *machine, struct reason *why)
{
	why->text[0] = '\0';
	machine->monitor_object = machine->scale > 1;
	return 0;
}
