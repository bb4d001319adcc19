#ifndef KVM_H
#define KVM_H

#include "machine.h"

/* Decides "kvm": "auto" and looks up botanist's machine for a guest fuchsia.
 * A fallback to TCG is one line on stderr. */
void kvm_decide(struct machine *machine);

#endif
