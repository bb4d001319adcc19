#include "pci.h"

#include "machine.h"

enum {
	HEADER = 12,
	HEADER_BRIDGE = 1 << 16,
	HEADER_TYPE = 0x7f << 16,
	HEADER_MANY = 0x80 << 16,
	BUSES = 24, /* primary, secondary, subordinate: a byte each */
};

/* Where no firmware numbered the buses, `next` does. */
static int
find_on_bus(unsigned bus, uint32_t id, uint32_t other, unsigned *next)
{
	for (unsigned i = 0; i < 256; i++) {
		unsigned bdf = bus << 8 | i;
		uint32_t found = machine_pci_read(bdf, PCI_ID);

		if (found == UINT32_MAX || (found & 0xffff) == 0xffff) {
			if (i % 8 == 0)
				i += 7;
			continue;
		}
		if (found == id || found == other)
			return (int)bdf;
		uint32_t header = machine_pci_read(bdf, HEADER);
		if ((header & HEADER_TYPE) == HEADER_BRIDGE) {
			uint32_t buses = machine_pci_read(bdf, BUSES);
			unsigned below = buses >> 8 & 0xff;

			if (below == 0) {
				below = ++*next;
				machine_pci_write(
				    bdf, BUSES, 0xff0000 | below << 8 | bus);
			}
			int at = find_on_bus(below, id, other, next);
			if (at >= 0)
				return at;
			if (buses >> 8 == 0)
				machine_pci_write(
				    bdf, BUSES, *next << 16 | below << 8 | bus);
		}
		if (i % 8 == 0 && (header & HEADER_MANY) == 0)
			i += 7;
	}
	return -1;
}

int
pci_find(uint32_t id, uint32_t other)
{
	unsigned next = 0;

	return find_on_bus(0, id, other, &next);
}

void
pci_enable(unsigned bdf, uint32_t bits)
{
	/* The upper half is the status, whose bits are cleared by ones. */
	uint32_t command = machine_pci_read(bdf, PCI_COMMAND) & 0xffff;

	machine_pci_write(bdf, PCI_COMMAND, command | bits);
}
