/* QEMU's virt board, started as a Linux Image at EL1 or EL2, MMU off. */
#include "fdt.h"
#include "machine.h"
#include "pci.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	PL011 = 0x09000000,
	PL011_FLAGS = 0x18,
	FLAG_BUSY = 1 << 3,
	FLAG_NO_DATA = 1 << 4,
	FLAG_NO_ROOM = 1 << 5,
	PL011_MASK = 0x38,
	MASK_RECEIVED = 1 << 4,
	GICD_ENABLE = 0x100,
	GICD_TARGETS = 0x800,
	GICC_PRIORITY = 4,
	IRQ_PL011 = 33,
	IRQ_TIMER = 27, /* the virtual timer */
	SYS_EXIT_EXTENDED = 0x20,
	STOPPED_EXIT = 0x20026, /* ADP_Stopped_ApplicationExit */
	PVPANIC_PCI = 0x00111b36,
	PVPANIC_AT = 0x10000000, /* where virt's window for BARs begins */
};

static const uint32_t psci_off = 0x84000008;
static const uint32_t psci_reset = 0x84000009;

const char machine_name[] = "arm64";
static struct fdt fdt;
static uint64_t start;
static bool asking; /* semihosting, which may be off */

long conduit_hvc(uint32_t function);
long conduit_smc(uint32_t function);
void semihosting(uint64_t operation, const void *block);
void on_exception(void);

static volatile uint32_t *
at(uint64_t base, uint64_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static uint64_t
clock(void)
{
	uint64_t now;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now));
	return now - start;
}

static uint64_t
clock_per_tick(void)
{
	uint64_t hz;

	__asm__("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz * TICK_MS / 1000;
}

/* Interrupts end a rest and are never taken: PSTATE masks them. */
static void
start_interrupts(void)
{
	if (fdt.gic == 0)
		return;
	*at(fdt.gic, 0) = 1;
	*at(fdt.gic, GICD_ENABLE) = 1U << IRQ_TIMER;
	*at(fdt.gic, GICD_ENABLE + 4) = 1U << (IRQ_PL011 - 32);
	*at(fdt.gic, GICD_TARGETS + 32) = 0x01010101;
	*at(fdt.gic_cpu, GICC_PRIORITY) = 0xff;
	*at(fdt.gic_cpu, 0) = 1;
	*at(PL011, PL011_MASK) = MASK_RECEIVED;
}

void
machine_start(uintptr_t boot)
{
	start = clock();
	fdt_read((const void *)boot, &fdt);
	start_interrupts();
}

uint64_t
machine_memory(void)
{
	return fdt.memory / 1024;
}

const char *
machine_arguments(void)
{
	return fdt.arguments;
}

const unsigned char *
machine_module(uint64_t *size)
{
	*size = fdt.initrd_end - fdt.initrd;
	return *size == 0 ? NULL : (const unsigned char *)fdt.initrd;
}

void
machine_put(unsigned char byte)
{
	while (*at(PL011, PL011_FLAGS) & FLAG_NO_ROOM)
		;
	*at(PL011, 0) = byte;
}

int
machine_get(void)
{
	if (*at(PL011, PL011_FLAGS) & FLAG_NO_DATA)
		return -1;
	return (int)(*at(PL011, 0) & 0xff);
}

void
machine_drain(void)
{
	while (*at(PL011, PL011_FLAGS) & FLAG_BUSY)
		;
}

void
machine_rest(void)
{
	uint64_t next = (machine_ticks() + 1) * clock_per_tick() + start;

	__asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb"
			 :
			 : "r"(next), "r"(1UL));
	if (fdt.gic != 0)
		__asm__ volatile("wfi" : : : "memory");
	else
		__asm__ volatile("yield" : : : "memory");
}

uint64_t
machine_ticks(void)
{
	return clock() / clock_per_tick();
}

uint32_t
machine_pci_read(unsigned bdf, unsigned offset)
{
	if (fdt.ecam == 0)
		return UINT32_MAX;
	return *at(fdt.ecam, (uint64_t)bdf << 12 | offset);
}

void
machine_pci_write(unsigned bdf, unsigned offset, uint32_t value)
{
	if (fdt.ecam != 0)
		*at(fdt.ecam, (uint64_t)bdf << 12 | offset) = value;
}

static const char *
psci(uint32_t function)
{
	if (fdt.conduit[0] == 'h')
		conduit_hvc(function);
	else if (fdt.conduit[0] == 's')
		conduit_smc(function);
	else
		return "no PSCI";
	return "PSCI does nothing";
}

const char *
machine_poweroff(void)
{
	return psci(psci_off);
}

const char *
machine_reset(void)
{
	return psci(psci_reset);
}

const char *
machine_exit(unsigned char status)
{
	const uint64_t block[] = {STOPPED_EXIT, status};

	asking = true;
	semihosting(SYS_EXIT_EXTENDED, block);
	asking = false;
	return "no semihosting";
}

const char *
machine_panic(void)
{
	int bdf = pci_find(PVPANIC_PCI, PVPANIC_PCI);

	if (bdf < 0)
		return "no pvpanic-pci";
	machine_pci_write((unsigned)bdf, PCI_BAR0, PVPANIC_AT);
	pci_enable((unsigned)bdf, PCI_COMMAND_MEMORY);
	*(volatile uint8_t *)PVPANIC_AT = 1;
	return NULL;
}

const char *
machine_fault(void)
{
	return "no triple fault on arm64";
}

_Noreturn void
machine_hang(void)
{
	*at(PL011, PL011_MASK) = 0;
	for (;;)
		__asm__ volatile("msr cntv_ctl_el0, xzr; wfi");
}

static void
say(const char *text)
{
	while (*text != '\0')
		machine_put((unsigned char)*text++);
}

/* Called on an exception, instead of going on. */
void
on_exception(void)
{
	say(asking ? "cannot exit: no semihosting\r\n"
		   : "cannot go on: an exception\r\n");
	machine_hang();
}
