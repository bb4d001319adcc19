#ifndef KVM_H
#define KVM_H

#include "machine.h"

/* Decides "kvm": "auto" and looks up botanist's machine for a guest fuchsia.
 * A fallback to TCG is one line on stderr. Returns 0, or -1 with the reason. */
int kvm_decide(struct machine *machine, struct reason *why);

#endif
