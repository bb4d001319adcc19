#ifndef MACHINE_H
#define MACHINE_H

#include "arena.h"
#include "document.h"
#include "flavor.h"
#include "image.h"
#include "target.h"

#include <stdbool.h>
#include <stdint.h>

enum guest { GUEST_FUCHSIA, GUEST_LINUX, GUEST_NONE };

/* The QMP monitor: as the guest has it, added, left out. */
enum monitor { MONITOR_DEFAULT, MONITOR_ON, MONITOR_OFF };

/* An image that is named, its absolute path, and the place of that in the
 * document. {0}: none is. */
struct file {
	const struct image *image;
	const char *path, *place;
};

/* A string of an array. */
struct text {
	const char *place, *text;
};

/* Objects of one kind. */
struct list {
	void *items;
	size_t count;
};

/* In the structs of the document's objects, -1 stands for a number, a choice or
 * a switch that is absent, and NULL for what else is. `place` is where the
 * object is in the document, and the origin of its words. */
struct minfs {
	const char *place;
	const char *image, *pci_address;
};

struct flash {
	const char *place;
	struct file code, vars, disk;
};

enum interface { VIRTIO_BLK, VIRTIO_SCSI, NVME, USB, IDE, UFS };

struct drive {
	const char *place;
	struct file file;
	const char *id, *format, *pci_address, *serial;
	int interface; /* enum interface */
	int cdrom, readonly, snapshot;
	int64_t boot;
	const json_t *root, *options;
	int ide, ide_units; /* its place on an IDE bus; units 0: not said */
	bool formless;      /* nobody names its format, so that it is raw */
	const char *root_device, *root_place; /* for the kernel, or NULL */
};

struct forward {
	const char *place;
	int64_t guest, host;
	int protocol;
	const char *address;
};

enum netdev_backend { NETDEV_USER, NETDEV_TAP, NETDEV_SOCKET };

struct netdev {
	const char *place;
	int backend; /* enum netdev_backend */
	const char *id, *model, *mac, *pci_address, *ifname;
	const char *network, *dhcpstart, *dns, *host;
	const char *listen, *connect, *mcast, *udp, *localaddr;
	int restricted;
	int64_t boot;
	struct list forwards;
	const json_t *options;
	int64_t vectors; /* of the era, or -1 */
};

enum serial_kind { SERIAL_UART, SERIAL_VIRTCONSOLE, SERIAL_PCI };
enum serial_backend {
	SERIAL_STDIO,
	SERIAL_NULL,
	SERIAL_FILE,
	SERIAL_SOCKET,
	SERIAL_PTY,
};

struct serial {
	const char *place;
	int kind, backend; /* enum serial_kind, serial_backend */
	const char *id, *path, *logfile;
	int signal;
};

struct rng {
	const char *place;
	const char *filename, *id, *model;
};

struct debug_exit {
	const char *place;
	int64_t iobase, iosize;
};

struct vsock {
	const char *place;
	int64_t cid;
};

struct display {
	const char *place;
	int64_t width, height; /* pixels */
};

struct rtc {
	const char *place;
	const char *base, *clock, *driftfix;
};

struct share {
	const char *place;
	const char *path, *tag;
	int readonly, security;
};

/* An entry of the images, as far as it is looked at here. */
struct image_entry {
	const char *place;
	const char *format;
};

/* The machine that a document describes: its values, what holds where it says
 * nothing, and what was decided from them. */
struct machine {
	const char *place; /* "" */
	int guest;         /* enum guest */
	int era, aemu;     /* indices of the choices */
	const char *path, *target_text;
	int64_t cpu, memory;
	int kvm; /* 0, 1; 2 until "auto" is decided */
	int serial_key, user_networking, tcg_thread;
	int reboot, sandbox, semihosting, pvpanic, command_ports;
	const char *machine, *cpu_model;
	/* Of botanist, and of no effect here. */
	const char *zbi_tool, *edk2_dir, *firmware_dir;
	int64_t storage;
	const char *logfile; /* of the first serial line */
	struct file kernel, initrd, dtb, bios;
	const char *console, *console_place, *nodename, *entropy, *mac, *tap;
	int64_t nodename_style;
	int hci;
	const char *fvm_tool, *serial_socket, *ssh_key, *ipv4, *ipv6;
	struct list args, extra, features, inputs; /* of struct text */
	struct minfs *minfs;
	struct flash *flash;
	struct rng *rng;
	struct debug_exit *debug_exit;
	struct vsock *vsock;
	struct display *display;
	struct rtc *rtc;
	struct list drives, netdevs, serials, shares;

	const struct document *document;
	struct images images;
	struct arena arena;
	enum monitor monitor;        /* no default any more */
	bool monitor_object;         /* as an -object, not by -mon */
	double scale;                /* of time limits */
	json_t *ids;                 /* the names taken so far, a set; owned */
	struct image_entry *entries; /* beside images.list */
	struct flavor flavor;        /* of a guest fuchsia */
	const char *rule;            /* "(guest linux)": the origin of words */
	struct targets targets;
	const struct target *target;
	const struct machine_kind *kind; /* of its -machine; NULL: unknown */
	bool isa;                        /* has the ports of a PC */
	const char *panic; /* the device that tells of a panic; NULL: none */
	const char *machine_value; /* of -machine */
	const char *emulator;      /* the program, as it will be run */
	const char *bus;           /* of virtio devices: "pci" */
	const json_t *era_words;   /* of botanist's machine; NULL: none */
	bool plain_serial;         /* botanist's oldest form */
};

void machine_free(struct machine *machine);

/* The origin of a word: the document's key where it has that key, else the
 * guest's rule. */
const char *machine_origin(const struct machine *machine, const char *key);

/* Whether the document has the key, and not null. */
bool machine_has(const struct machine *machine, const char *key);

/* Ends the program with "<stdin>: drives[0].image: what"; place and key may be
 * "". */
_Noreturn void machine_fault(const struct machine *machine, const char *place,
    const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The virtio device's name on the machine's bus: virtio-net to virtio-net-pci.
 */
const char *machine_virtio(struct machine *machine, const char *device);

/* Sets *id where it is NULL to the kind ("drive", "net", "char") with the
 * number, and takes it among those of the kind, where it may not be yet. */
void machine_take_id(struct machine *machine, const char *place,
    const char *kind, size_t number, const char **id);

#endif
