#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

/* What the demo guest knows of the machine it runs on: x64.c and arm64.c. No
 * pointer may stand in static data, for the arm64 image runs where it is put.
 */

/* What the first line calls the machine. */
extern const char machine_name[];

/* Finds the devices; boot is what the loader left in a register: the PVH start
 * info, or the device tree. */
void machine_start(uintptr_t boot);

/* The size of its memory in KiB. */
uint64_t machine_memory(void);

/* The kernel's arguments, a string. */
const char *machine_arguments(void);

/* The file that was loaded beside the kernel (-initrd) and its size in bytes;
 * NULL for none. */
const unsigned char *machine_module(uint64_t *size);

/* Sends a byte on the serial line once there is room. */
void machine_put(unsigned char byte);

/* Returns a byte that came in on the serial line, or -1 for none. */
int machine_get(void);

/* Waits until all bytes sent are with the other side. */
void machine_drain(void);

enum {
	TICK_MS = 5,
};

/* Rests until the next tick or a byte on the serial line; machine_ticks counts
 * the ticks since the start. */
void machine_rest(void);
uint64_t machine_ticks(void);

/* A dword of a PCI function's configuration space (a bdf is bus << 8 |
 * device << 3 | function; offset is a multiple of 4). All ones where there is
 * no such function. */
uint32_t machine_pci_read(unsigned bdf, unsigned offset);
void machine_pci_write(unsigned bdf, unsigned offset, uint32_t value);

/* Ways to end. One that returns tells what is missing for it. */
const char *machine_poweroff(void);
const char *machine_exit(unsigned char status);
const char *machine_panic(void);
const char *machine_fault(void);
const char *machine_reset(void);
_Noreturn void machine_hang(void);

/* The guest itself: demo.c. Called with a stack and nothing else. */
_Noreturn void demo(uintptr_t boot);

#endif
