#ifndef KVM_H
#define KVM_H

#include "machine.h"

/* Decides what "kvm": "auto" means, and finds botanist's machine for a guest
 * fuchsia. Prints a line on stderr when it falls back to TCG. */
void kvm_decide(struct machine *machine);

#endif
