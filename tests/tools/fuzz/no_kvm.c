/* In place of emu-argv's kvm.c, emulator.c and virtiofsd.c: no program is run
 * here. */
#include "emulator.h"
#include "kvm.h"
#include "virtiofsd.h"

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

const char *
virtiofsd_find(const struct machine *machine, const char *place)
{
	(void)place;
	return machine->emulator;
}
