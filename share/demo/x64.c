/* The PC: q35 and pc, started by PVH or by multiboot. */
#include "machine.h"
#include "pci.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	COM1 = 0x3f8,
	COM1_IRQ_ENABLE = COM1 + 1,
	COM1_LINE = COM1 + 3,
	COM1_MODEM = COM1 + 4,
	COM1_STATUS = COM1 + 5,
	STATUS_DATA = 0x01,
	STATUS_ROOM = 0x20,
	STATUS_EMPTY = 0x40,
	PIC = 0x20,
	PIC_SLAVE = 0xa0,
	PIT = 0x40,
	PIT_HZ = 1193182,
	VECTORS = 32,
	IRQ_TIMER = 0,
	IRQ_COM1 = 4,
	CODE = 8, /* the code segment's selector, in start-x64.S */
	FW_CFG = 0x510,
	FW_CFG_RAM_SIZE = 3,
	PCI_ADDRESS = 0xcf8,
	PCI_DATA = 0xcfc,
	LPC_ICH9 = 0x29188086,
	PM_PIIX4 = 0x71138086,
	PM_BASE = 0x40, /* the same in both */
	PM_CONTROL = 4,
	SLEEP = 1 << 13, /* S5 is type 0 in QEMU */
	PVPANIC = 0x505,
	PVPANIC_PCI = 0x00111b36,
	DEBUG_EXIT = 0xf4,
	PVH_MAGIC = 0x336ec578,
	MULTIBOOT_ARGUMENTS = 1 << 2,
	MULTIBOOT_MODULES = 1 << 3,
};

/* xen/include/public/arch-x86/hvm/start_info.h */
struct start_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, arguments;
};

struct module {
	uint64_t address, size;
};

/* Multiboot Specification 0.6.96, 3.3. */
struct multiboot_info {
	uint32_t flags, memory[2], device, arguments, modules, module_list;
};

/* An interrupt gate (Intel SDM 3A, figure 6-8). */
struct gate {
	uint16_t offset0, selector, flags, offset1;
	uint32_t offset2, zero;
};

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

const char machine_name[] = "x64";
static const char *arguments;
static struct module module;
static struct gate gates[VECTORS + 16];
volatile uint64_t ticks; /* counted by on_timer in start-x64.S */
void on_timer(void);
void on_serial(void);

static void
out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void
out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static void
out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t
in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static uint32_t
in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void
set_gate(unsigned vector, void (*handler)(void))
{
	uint64_t p = (uintptr_t)handler;

	gates[vector].offset0 = (uint16_t)p;
	gates[vector].offset1 = (uint16_t)(p >> 16);
	gates[vector].offset2 = (uint32_t)(p >> 32);
	gates[vector].selector = CODE;
	gates[vector].flags = 0x8e00;
}

/* Interrupts only end a rest: they are off except while the CPU halts. */
static void
start_interrupts(void)
{
	struct table table = {sizeof(gates) - 1, (uintptr_t)gates};
	const uint8_t open = 1 << IRQ_TIMER | 1 << IRQ_COM1;
	const uint16_t divisor = PIT_HZ * TICK_MS / 1000;

	set_gate(VECTORS + IRQ_TIMER, on_timer);
	set_gate(VECTORS + IRQ_COM1, on_serial);
	__asm__ volatile("lidt %0" : : "m"(table));
	out8(PIC, 0x11);
	out8(PIC_SLAVE, 0x11);
	out8(PIC + 1, VECTORS);
	out8(PIC_SLAVE + 1, VECTORS + 8);
	out8(PIC + 1, 4);
	out8(PIC_SLAVE + 1, 2);
	out8(PIC + 1, 1);
	out8(PIC_SLAVE + 1, 1);
	out8(PIC + 1, (uint8_t)~open);
	out8(PIC_SLAVE + 1, 0xff);
	out8(PIT + 3, 0x34); /* counter 0, two bytes, rate generator */
	out8(PIT, (uint8_t)divisor);
	out8(PIT, divisor >> 8);
}

static void
read_pvh(const struct start_info *info)
{
	if (info->arguments != 0)
		arguments = (const char *)info->arguments;
	if (info->modules > 0)
		module = *(const struct module *)info->module_list;
}

static void
read_multiboot(const struct multiboot_info *info)
{
	if (info->flags & MULTIBOOT_ARGUMENTS)
		arguments = (const char *)(uintptr_t)info->arguments;
	if ((info->flags & MULTIBOOT_MODULES) && info->modules > 0) {
		const uint32_t *range =
		    (const uint32_t *)(uintptr_t)info->module_list;

		module = (struct module){range[0], range[1] - range[0]};
	}
}

void
machine_start(uintptr_t boot)
{
	const struct start_info *info = (const struct start_info *)boot;

	arguments = "";
	if (info->magic == PVH_MAGIC)
		read_pvh(info);
	else
		read_multiboot((const struct multiboot_info *)boot);
	/* The FIFO stays off: turning it on would drop what is in already. */
	out8(COM1_LINE, 3);
	out8(COM1_MODEM, 8 | 3);
	out8(COM1_IRQ_ENABLE, 1);
	start_interrupts();
}

uint64_t
machine_memory(void)
{
	uint64_t size = 0;

	out16(FW_CFG, FW_CFG_RAM_SIZE);
	for (unsigned i = 0; i < 64; i += 8)
		size |= (uint64_t)in8(FW_CFG + 1) << i;
	return size / 1024;
}

const char *
machine_arguments(void)
{
	return arguments;
}

const unsigned char *
machine_module(uint64_t *size)
{
	*size = module.size;
	return module.size == 0 ? NULL : (const unsigned char *)module.address;
}

void
machine_put(unsigned char byte)
{
	while ((in8(COM1_STATUS) & STATUS_ROOM) == 0)
		;
	out8(COM1, byte);
}

int
machine_get(void)
{
	return in8(COM1_STATUS) & STATUS_DATA ? in8(COM1) : -1;
}

void
machine_drain(void)
{
	while ((in8(COM1_STATUS) & STATUS_EMPTY) == 0)
		;
}

void
machine_rest(void)
{
	/* sti takes effect behind the next instruction: no wake-up is lost
	 * between the look at the line and the rest, except for a byte that
	 * came before, whose interrupt is pending. */
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

uint64_t
machine_ticks(void)
{
	/* Lets a pending tick be counted for those who do not rest. */
	__asm__ volatile("sti; nop; cli" : : : "memory");
	return ticks;
}

uint32_t
machine_pci_read(unsigned bdf, unsigned offset)
{
	out32(PCI_ADDRESS, 1U << 31 | bdf << 8 | offset);
	return in32(PCI_DATA);
}

void
machine_pci_write(unsigned bdf, unsigned offset, uint32_t value)
{
	out32(PCI_ADDRESS, 1U << 31 | bdf << 8 | offset);
	out32(PCI_DATA, value);
}

const char *
machine_poweroff(void)
{
	int bdf = pci_find(LPC_ICH9, PM_PIIX4);

	if (bdf < 0)
		return "no ACPI of an ICH9 or a PIIX4";
	uint32_t base = machine_pci_read((unsigned)bdf, PM_BASE) & 0xff80;
	if (base == 0)
		return "no firmware has set up ACPI";
	out16((uint16_t)(base + PM_CONTROL), SLEEP);
	return "ACPI does nothing";
}

const char *
machine_exit(unsigned char status)
{
	out8(DEBUG_EXIT, status);
	return "no isa-debug-exit at 0xf4";
}

const char *
machine_panic(void)
{
	if (in8(PVPANIC) != 0xff) {
		out8(PVPANIC, 1);
		return NULL;
	}
	int bdf = pci_find(PVPANIC_PCI, PVPANIC_PCI);
	if (bdf < 0)
		return "no pvpanic at 0x505 and none on PCI";
	pci_enable((unsigned)bdf, PCI_COMMAND_MEMORY);
	uint32_t base = machine_pci_read((unsigned)bdf, PCI_BAR0) & ~15U;
	*(volatile uint8_t *)(uintptr_t)base = 1;
	return NULL;
}

const char *
machine_fault(void)
{
	const struct table none = {0, 0};

	/* No handler for it, none for the fault that makes, and so on. */
	__asm__ volatile("lidt %0; int3" : : "m"(none));
	return "the processor goes on";
}

const char *
machine_reset(void)
{
	out8(0xcf9, 0x06);
	out8(0x64, 0xfe);
	return "no reset at 0xcf9 or 0x64";
}

_Noreturn void
machine_hang(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
