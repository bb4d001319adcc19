#ifndef FDT_H
#define FDT_H

#include <stdint.h>

/* What the guest wants of a flattened device tree. Strings point into it. */
struct fdt {
	const char *arguments;       /* /chosen bootargs, "" for none */
	uint64_t initrd, initrd_end; /* /chosen linux,initrd-start and -end */
	const char *conduit;         /* /psci method, "" for none */
	uint64_t memory;             /* bytes in all /memory nodes */
	uint64_t ecam;    /* the PCI host's configuration space; 0: none */
	uint64_t gic;     /* a GICv2's distributor; 0: another */
	uint64_t gic_cpu; /* and its CPU interface */
};

/* Reads a device tree (Devicetree Specification 0.3, chapter 5) whose root has
 * two address and two size cells, as the virt board's has. */
void fdt_read(const void *tree, struct fdt *fdt);

#endif
