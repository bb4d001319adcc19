#ifndef MACHINE_H
#define MACHINE_H

#include "document.h"
#include "flavor.h"
#include "image.h"
#include "target.h"

#include <stdbool.h>
#include <stdint.h>

enum guest { GUEST_FUCHSIA, GUEST_LINUX, GUEST_NONE };

/* Whether there is a QMP monitor; by default, the guest decides. */
enum monitor { MONITOR_DEFAULT, MONITOR_ON, MONITOR_OFF };

/* An image that the machine uses: its absolute path, and the place in the
 * document that gives the path. {0}: no image. */
struct image_file {
	const struct image *image;
	const char *path, *place;
};

/* A string in an array of the document. */
struct text_item {
	const char *place;
	struct text_item *next;
	const char *text;
};

/* The structs of the document's objects. A number, a choice or a switch that is
 * absent is -1, and any other value NULL. `place` is where the object is in the
 * document, which -e prints as the origin of its words; `next` is the next
 * element of its array. */
struct minfs {
	const char *place;
	const char *image, *pci_address;
};

struct flash {
	const char *place;
	struct image_file code, vars, disk;
};

enum interface { VIRTIO_BLK, VIRTIO_SCSI, NVME, USB, IDE, UFS, FLOPPY };

struct drive {
	const char *place;
	struct drive *next;
	struct image_file file;
	const char *id, *format, *pci_address, *serial;
	int interface; /* enum interface */
	int cdrom, readonly, snapshot;
	int64_t boot;
	const json_t *root, *options;
	int ide, ide_units; /* the drive's number on IDE, and the number of
			       units a bus has; units 0: unknown */
	bool formless;      /* no format is given, so QEMU is told raw */
	const char *root_device,
	    *root_place; /* root= for the kernel, or NULL */
};

struct forward {
	const char *place;
	struct forward *next;
	int64_t guest, host;
	int protocol;
	const char *address;
};

enum netdev_backend { NETDEV_USER, NETDEV_TAP, NETDEV_SOCKET };

struct netdev {
	const char *place;
	struct netdev *next;
	int backend; /* enum netdev_backend */
	const char *id, *model, *mac, *pci_address, *ifname;
	const char *network, *dhcpstart, *dns, *host;
	const char *listen, *connect, *mcast, *udp, *localaddr;
	int restricted;
	int64_t boot;
	struct forward *forwards;
	const json_t *options;
	int64_t vectors; /* the flavor's; -1: none */
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
	struct serial *next;
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

enum share_driver { SHARE_9P, SHARE_VIRTIOFS };

struct share {
	const char *place;
	struct share *next;
	const char *path, *tag;
	int readonly, security;
	int driver; /* enum share_driver */
	int number; /* among the shares, from 0 */
};

/* A program that runs beside the emulator. */
struct helper {
	const char *place;
	struct helper *next;
	const char *command; /* for sh -c */
	const char *socket;  /* where it listens once it is ready */
};

/* What a multiboot kernel gets beside itself. */
struct module {
	const char *place;
	struct module *next;
	struct image_file file;
	const char *args; /* behind its name */
};

/* What emu-argv itself reads in an entry of "images". */
struct image_entry {
	const char *place;
	const char *format;
};

/* The machine that a document describes: the document's values, the defaults of
 * those that are absent, and what was decided from them. */
struct machine {
	const char *place; /* "" */
	int guest;         /* enum guest */
	int era, aemu;     /* indices of the choices */
	const char *path, *target_text;
	int64_t cpu, memory;
	int kvm; /* 0 or 1; 2 until kvm_decide decides "auto" */
	int user_networking, tcg_thread;
	int reboot, sandbox, semihosting, pvpanic, command_ports;
	const char *machine, *cpu_model;
	/* Of keys that are checked and have no effect here. */
	const char *unused_text;
	int64_t unused_number;
	int unused_switch;
	const char *logfile; /* of the first serial line */
	struct image_file kernel, initrd, dtb, bios;
	const char *console, *console_place, *nodename, *entropy, *mac, *tap;
	int hci;
	struct text_item *args, *extra, *features, *inputs;
	struct minfs *minfs;
	struct flash *flash;
	struct rng *rng;
	struct debug_exit *debug_exit;
	struct vsock *vsock;
	struct display *display;
	struct rtc *rtc;
	struct module *modules;
	struct drive *drives;
	struct netdev *netdevs;
	struct serial *serials;
	struct share *shares;
	struct helper *helpers;

	const struct document *document;
	struct images images;
	void **blocks; /* memory of its own; owned */
	size_t block_count;
	enum monitor monitor;        /* never MONITOR_DEFAULT once loaded */
	bool monitor_object;         /* given by -object, not by -mon */
	double scale;                /* of time limits */
	json_t *ids;                 /* set of the ids in use; owned */
	struct image_entry *entries; /* one for each of images.list */
	struct flavor flavor;        /* of a guest fuchsia */
	const char *rule;            /* "(guest linux)": the origin of words */
	struct targets targets;
	const struct target *target;
	const struct machine_kind *kind; /* of its -machine; NULL: unknown */
	bool isa;                        /* it has the I/O ports of a PC */
	const char *panic; /* the device that tells of a panic; NULL: none */
	const char *machine_value; /* of -machine */
	const char *emulator;      /* the program, as execvp(3) will find it */
	const char *virtiofsd;     /* the same; NULL: no share needs it */
	const char *bus;           /* that virtio devices are on: "pci" */
	const json_t *era_words; /* options of botanist's machine; NULL: none */
	bool plain_serial;       /* -serial stdio, botanist's oldest form */
};

void machine_free(struct machine *machine);

/* Return memory of the machine's own, which machine_free frees: zeros, a
 * formatted text, and the path made absolute. */
void *machine_take(struct machine *machine, size_t size);
const char *machine_text(struct machine *machine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *machine_path(struct machine *machine, const char *path);

/* Returns the origin of a word: the key if the document has it, or else the
 * guest's rule. */
const char *machine_origin(const struct machine *machine, const char *key);

/* Whether the document has the key, with a value other than null. */
bool machine_has(const struct machine *machine, const char *key);

/* Ends the program with "<stdin>: drives[0].image: ...". The place
 * ("drives[0]") or the key ("image") may be "". */
_Noreturn void machine_fault(const struct machine *machine, const char *place,
    const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Returns the name that the virtio device has on the machine's bus:
 * "virtio-net-pci" for "virtio-net".
 */
const char *machine_virtio(struct machine *machine, const char *device);

/* Marks *id as used among the ids of the kind ("drive", "net", "char"); one
 * that is used already ends the program. If *id is NULL, it becomes the kind
 * followed by the number. */
void machine_take_id(struct machine *machine, const char *place,
    const char *kind, size_t number, const char **id);

#endif
