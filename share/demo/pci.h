#ifndef PCI_H
#define PCI_H

#include <stdint.h>

enum {
	PCI_ID = 0,
	PCI_COMMAND = 4,
	PCI_COMMAND_MEMORY = 2,
	PCI_COMMAND_MASTER = 4,
	PCI_BAR0 = 16,
	PCI_CAPABILITIES = 52,
};

/* Finds the first function whose PCI_ID is either id (device << 16 | vendor),
 * also behind bridges. Returns its bdf, or -1. */
int pci_find(uint32_t id, uint32_t other);

/* Sets bits of the command register. */
void pci_enable(unsigned bdf, uint32_t bits);

#endif
