/* In place of emu-argv's kvm.c and emulator.c: no emulator is run here. */
#include "emulator.h"
#include "kvm.h"

void
kvm_decide(struct machine *machine)
{
	machine->kvm = machine->kvm == 1;
	if (machine->guest == GUEST_FUCHSIA)
		machine->era_words =
		    flavor_machine(&machine->flavor, machine->target->name,
			machine->kvm != 0, machine->aemu != 0);
	machine->machine_value = machine->machine;
	if (machine->machine == NULL)
		machine->machine_value = machine->target->machine;
}

void
emulator_look(struct machine *machine)
{
	machine->monitor_object = machine->scale > 1;
}
