/* A virtio-blk driver for one read (virtio 1.1, sections 4.1 and 5.2). It
 * reaches the device's registers through the window in its configuration space
 * (VIRTIO_PCI_CAP_PCI_CFG), so that no BAR needs an address: arm64 runs without
 * firmware that would give one. */
#include "disk.h"

#include "machine.h"
#include "pci.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	BLK_TRANSITIONAL = 0x10011af4,
	BLK_MODERN = 0x10421af4,
	CAP_VENDOR = 9,
	CAP_COMMON = 1,
	CAP_NOTIFY = 2,
	CAP_WINDOW = 5,
	FEATURE_SELECT = 8,
	FEATURES = 12,
	STATUS = 20,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_ENABLE = 28,
	QUEUE_NOTIFY = 30,
	QUEUE_DESC = 32,
	QUEUE_AVAIL = 40,
	QUEUE_USED = 48,
	STATUS_DRIVER = 1 | 2,
	STATUS_DRIVER_OK = 4,
	STATUS_FEATURES_OK = 8,
	VERSION_1 = 1, /* bit 32: the first of the upper half */
	NEXT = 1,
	WRITABLE = 2,
	SIZE = 4,
	PATIENCE_MS = 5000,
};

struct device {
	unsigned bdf;
	unsigned window;
	uint32_t common;
	uint32_t notify;
	uint32_t multiplier;
};

static struct {
	struct {
		uint64_t address;
		uint32_t len;
		uint16_t flags, next;
	} desc[SIZE];
	struct {
		uint16_t flags, index, ring[SIZE], event;
	} avail;
	struct {
		_Alignas(4) uint16_t flags;
		uint16_t index;
		struct {
			uint32_t id, len;
		} ring[SIZE];
	} used;
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} request;
	unsigned char sector[DISK_SECTOR];
	unsigned char status;
} queue __attribute__((aligned(4096)));

static void
aim(const struct device *d, uint32_t offset, uint32_t len)
{
	machine_pci_write(d->bdf, d->window + 8, offset);
	machine_pci_write(d->bdf, d->window + 12, len);
}

static uint32_t
get(const struct device *d, uint32_t offset, uint32_t len)
{
	aim(d, d->common + offset, len);
	return machine_pci_read(d->bdf, d->window + 16) &
	       (len < 4 ? (1U << 8 * len) - 1 : UINT32_MAX);
}

static void
set(const struct device *d, uint32_t offset, uint32_t len, uint32_t value)
{
	aim(d, offset, len);
	machine_pci_write(d->bdf, d->window + 16, value);
}

static void
set_address(const struct device *d, uint32_t offset, const volatile void *p)
{
	uint64_t address = (uintptr_t)p;

	set(d, d->common + offset, 4, (uint32_t)address);
	set(d, d->common + offset + 4, 4, (uint32_t)(address >> 32));
}

static bool
find(struct device *d)
{
	int bdf = pci_find(BLK_TRANSITIONAL, BLK_MODERN);

	if (bdf < 0)
		return false;
	d->bdf = (unsigned)bdf;
	unsigned cap = machine_pci_read(d->bdf, PCI_CAPABILITIES) & 0xfc;
	while (cap != 0) {
		uint32_t head = machine_pci_read(d->bdf, cap);
		uint32_t offset = machine_pci_read(d->bdf, cap + 8);

		if ((head & 0xff) == CAP_VENDOR) {
			switch (head >> 24) {
			case CAP_COMMON:
				d->common = offset;
				break;
			case CAP_NOTIFY:
				d->notify = offset;
				d->multiplier =
				    machine_pci_read(d->bdf, cap + 16);
				break;
			case CAP_WINDOW:
				d->window = cap;
				break;
			}
		}
		cap = head >> 8 & 0xfc;
	}
	return true;
}

static void
describe(unsigned i, const void *data, uint32_t len, uint16_t flags)
{
	queue.desc[i].address = (uintptr_t)data;
	queue.desc[i].len = len;
	queue.desc[i].flags = flags;
	queue.desc[i].next = (uint16_t)(i + 1);
}

/* Returns whether the device took the driver. */
static bool
set_up(const struct device *d)
{
	set(d, d->common + STATUS, 1, 0);
	set(d, d->common + STATUS, 1, STATUS_DRIVER);
	set(d, d->common + FEATURE_SELECT, 4, 0);
	set(d, d->common + FEATURES, 4, 0);
	set(d, d->common + FEATURE_SELECT, 4, 1);
	set(d, d->common + FEATURES, 4, VERSION_1);
	set(d, d->common + STATUS, 1, STATUS_DRIVER | STATUS_FEATURES_OK);
	if ((get(d, STATUS, 1) & STATUS_FEATURES_OK) == 0)
		return false;
	set(d, d->common + QUEUE_SELECT, 2, 0);
	set(d, d->common + QUEUE_SIZE, 2, SIZE);
	set_address(d, QUEUE_DESC, &queue.desc);
	set_address(d, QUEUE_AVAIL, &queue.avail);
	set_address(d, QUEUE_USED, &queue.used);
	set(d, d->common + QUEUE_ENABLE, 2, 1);
	set(d, d->common + STATUS, 1,
	    STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
	return true;
}

const unsigned char *
disk_first_sector(const char **why)
{
	struct device d = {0};

	*why = "none";
	if (!find(&d))
		return NULL;
	*why = "no virtio 1.0";
	if (d.window == 0)
		return NULL;
	pci_enable(d.bdf, PCI_COMMAND_MASTER);
	if (!set_up(&d))
		return NULL;
	describe(0, &queue.request, sizeof(queue.request), NEXT);
	describe(1, queue.sector, sizeof(queue.sector), NEXT | WRITABLE);
	describe(2, &queue.status, sizeof(queue.status), WRITABLE);
	queue.avail.index = 1;
	__sync_synchronize();
	set(&d, d.notify + get(&d, QUEUE_NOTIFY, 2) * d.multiplier, 2, 0);

	uint64_t end = machine_ticks() + PATIENCE_MS / TICK_MS;
	const volatile uint16_t *done = &queue.used.index;
	while (*done == 0 && machine_ticks() < end)
		;
	__sync_synchronize();
	set(&d, d.common + STATUS, 1, 0);
	*why = *done == 0 ? "no answer" : "read error";
	return *done != 0 && queue.status == 0 ? queue.sector : NULL;
}
