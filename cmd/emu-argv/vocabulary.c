#include "vocabulary.h"

#include "machine.h"

/* A row: its type, its field in the struct, and what else there is to say. */
#define KEY(key, is, in, field) \
	{ \
		.name = (key), .type = TYPE_##is, \
		.offset = offsetof(struct in, field) \
	}
#define KEY_WITH(key, is, in, field, ...) \
	{ \
		.name = (key), .type = TYPE_##is, \
		.offset = offsetof(struct in, field), __VA_ARGS__ \
	}
#define OTHERS(key) \
	{ \
		.name = (key), .type = TYPE_ANY \
	}
#define INTEGER(key, in, field, least, most, ...) \
	KEY_WITH( \
	    key, INTEGER, in, field, .min = least, .max = most, __VA_ARGS__)
#define END \
	{ \
		.name = NULL \
	}

const char *const netdev_backends[] = {"user", "tap", "socket", NULL};
const char *const serial_backends[] = {
    "stdio", "null", "file", "socket", "pty", NULL};
const char *const forward_protocols[] = {"tcp", "udp", NULL};
const char *const share_securities[] = {
    "none", "passthrough", "mapped-xattr", "mapped-file", NULL};
static const char *const share_drivers[] = {"9p", "virtiofs", NULL};
const char *const tcg_threads[] = {"single", "multi", NULL};
const char *const guest_names[] = {"fuchsia", "linux", "none", NULL};
const char *const flavor_names[] = {"2020", "2023", "2024", "2026", NULL};
const char *const drive_interfaces[] = {
    "virtio-blk", "virtio-scsi", "nvme", "usb", "ide", "ufs", "floppy", NULL};

static const char *const serial_kinds[] = {"uart", "virtconsole", "pci", NULL};
static const char *const media[] = {"disk", "cdrom", NULL};
static const char *const types[] = {"qemu", "aemu", NULL};
static const char *const controllers[] = {"xhci", NULL};

static const char have_drives[] = "others have \"drives\"";

static const struct key image_keys[] = {
    OTHERS("name"),
    OTHERS("type"),
    OTHERS("path"),
    OTHERS("cpu"),
    KEY("format", FORMAT, image_entry, format),
    OTHERS("backing"),
    OTHERS("label"),
    OTHERS("size"),
    OTHERS("sha256"),
    OTHERS("extract"),
    OTHERS("staged"),
    END,
};

static const struct key minfs_keys[] = {
    KEY_WITH("image", TEXT, minfs, image, .needs = EVERY),
    KEY("pci_address", TEXT, minfs, pci_address),
    END,
};

static const struct key flash_keys[] = {
    KEY_WITH("code", IMAGE, flash, code, .needs = EVERY),
    KEY("vars", IMAGE, flash, vars),
    KEY_WITH("disk", IMAGE, flash, disk, .alone = FUCHSIA, .hint = have_drives),
    END,
};

static const struct key drive_keys[] = {
    KEY_WITH("image", IMAGE, drive, file, .needs = EVERY),
    KEY("id", ID, drive, id),
    KEY_WITH(
	"interface", CHOICE, drive, interface, .choices = drive_interfaces),
    KEY("format", FORMAT, drive, format),
    KEY_WITH("media", CHOICE, drive, cdrom, .choices = media),
    KEY_WITH("readonly", SWITCH, drive, readonly, .absent = -1),
    KEY("snapshot", SWITCH, drive, snapshot),
    KEY("pci_address", TEXT, drive, pci_address),
    INTEGER("boot", drive, boot, 0, INT32_MAX, .absent = -1),
    KEY("serial", TEXT, drive, serial),
    KEY_WITH("root", ROOT, drive, root, .min = 1, .max = 255, .alone = LINUX),
    KEY("options", OPTIONS, drive, options),
    END,
};

static const struct key forward_keys[] = {
    INTEGER("guest", forward, guest, 1, 65535, .absent = 0, .needs = EVERY),
    INTEGER("host", forward, host, 0, 65535, .absent = 0, .needs = EVERY),
    KEY_WITH(
	"protocol", CHOICE, forward, protocol, .choices = forward_protocols),
    KEY("address", IPV4, forward, address),
    END,
};

static const struct object_kind forward_kind = {
    "forward", forward_keys, sizeof(struct forward), 0};

static const struct key netdev_keys[] = {
    KEY_WITH("backend", CHOICE, netdev, backend, .choices = netdev_backends,
	.needs = EVERY),
    KEY("id", ID, netdev, id),
    KEY("model", NAME, netdev, model),
    KEY_WITH("mac", MAC, netdev, mac, .either = OR_FALSE),
    KEY("pci_address", TEXT, netdev, pci_address),
    INTEGER("boot", netdev, boot, 0, INT32_MAX, .absent = -1),
    KEY("options", OPTIONS, netdev, options),
    KEY("network", TEXT, netdev, network),
    KEY("dhcpstart", TEXT, netdev, dhcpstart),
    KEY("dns", TEXT, netdev, dns),
    KEY("host", TEXT, netdev, host),
    KEY_WITH("restrict", SWITCH, netdev, restricted, .absent = -1),
    KEY_WITH("forwards", LIST, netdev, forwards, .kind = &forward_kind),
    KEY_WITH("ifname", LABEL, netdev, ifname, .max = 15),
    KEY("listen", TEXT, netdev, listen),
    KEY("connect", TEXT, netdev, connect),
    KEY("mcast", TEXT, netdev, mcast),
    KEY("udp", TEXT, netdev, udp),
    KEY("localaddr", TEXT, netdev, localaddr),
    END,
};

static const struct key vsock_keys[] = {
    INTEGER("cid", vsock, cid, 3, UINT32_MAX - 1, .absent = 0,
	.either = OR_AUTO, .needs = EVERY),
    END,
};

static const struct key serial_keys[] = {
    KEY_WITH("kind", CHOICE, serial, kind, .choices = serial_kinds),
    KEY_WITH("backend", CHOICE, serial, backend, .absent = -1,
	.choices = serial_backends),
    KEY("id", ID, serial, id),
    KEY("path", PATH, serial, path),
    KEY("logfile", PATH, serial, logfile),
    KEY("signal", SWITCH, serial, signal),
    END,
};

static const struct key display_keys[] = {
    INTEGER("width", display, width, 1, 65535, .absent = 1280),
    INTEGER("height", display, height, 1, 65535, .absent = 800),
    END,
};

static const struct key rng_keys[] = {
    KEY("filename", PATH, rng, filename),
    KEY("id", ID, rng, id),
    KEY("model", NAME, rng, model),
    END,
};

static const struct key debug_exit_keys[] = {
    INTEGER("iobase", debug_exit, iobase, 0, 0xffff, .absent = 0xf4),
    INTEGER("iosize", debug_exit, iosize, 1, 4, .absent = 4),
    END,
};

static const struct key rtc_keys[] = {
    KEY("base", TEXT, rtc, base),
    KEY("clock", TEXT, rtc, clock),
    KEY("driftfix", TEXT, rtc, driftfix),
    END,
};

static const struct key module_keys[] = {
    KEY_WITH("image", IMAGE, module, file, .needs = EVERY),
    KEY("args", TEXT, module, args),
    END,
};

static const struct key share_keys[] = {
    KEY_WITH("path", PATH, share, path, .needs = EVERY),
    KEY_WITH("tag", TEXT, share, tag, .needs = EVERY),
    KEY("readonly", SWITCH, share, readonly),
    KEY_WITH("security", CHOICE, share, security, .absent = -1,
	.choices = share_securities),
    KEY_WITH("driver", CHOICE, share, driver, .choices = share_drivers),
    END,
};

static const struct key helper_keys[] = {
    KEY_WITH("command", TEXT, helper, command, .needs = EVERY),
    KEY_WITH("socket", TEXT, helper, socket, .needs = EVERY),
    END,
};

static const struct object_kind image_kind = {
    "image", image_keys, sizeof(struct image_entry), 1};
static const struct object_kind minfs_kind = {
    "minfs", minfs_keys, sizeof(struct minfs), 0};
static const struct object_kind flash_kind = {
    "flash", flash_keys, sizeof(struct flash), 0};
static const struct object_kind module_kind = {
    "module", module_keys, sizeof(struct module), 0};
static const struct object_kind drive_kind = {
    "drive", drive_keys, sizeof(struct drive), 0};
static const struct object_kind netdev_kind = {
    "netdev", netdev_keys, sizeof(struct netdev), 0};
static const struct object_kind vsock_kind = {
    "vsock", vsock_keys, sizeof(struct vsock), 0};
static const struct object_kind serial_kind = {
    "serial", serial_keys, sizeof(struct serial), 0};
static const struct object_kind display_kind = {
    "display", display_keys, sizeof(struct display), 0};
static const struct object_kind rng_kind = {
    "rng", rng_keys, sizeof(struct rng), 0};
static const struct object_kind debug_exit_kind = {
    "isa_debug_exit", debug_exit_keys, sizeof(struct debug_exit), 0};
static const struct object_kind rtc_kind = {
    "rtc", rtc_keys, sizeof(struct rtc), 0};
static const struct object_kind share_kind = {
    "share", share_keys, sizeof(struct share), 0};
static const struct object_kind helper_kind = {
    "helper", helper_keys, sizeof(struct helper), 0};

/* The guest comes first: what others need and may have depends on it. */
static const struct key document_keys[] = {
    KEY_WITH("guest", CHOICE, machine, guest, .choices = guest_names),
    KEY_WITH("flavor", CHOICE, machine, era, .choices = flavor_names),
    KEY_WITH("type", CHOICE, machine, aemu, .choices = types),
    KEY("path", TEXT, machine, path),
    KEY_WITH("target", TEXT, machine, target_text, .needs = EVERY),
    INTEGER("cpu", machine, cpu, 1, INT32_MAX, .absent = 1, .needs = FUCHSIA),
    INTEGER("memory", machine, memory, 1, INT64_MAX >> 20, .absent = 1024,
	.needs = FUCHSIA),
    KEY_WITH("kvm", SWITCH, machine, kvm, .either = OR_AUTO),
    KEY("serial", SWITCH, machine, serial_key),
    KEY("user_networking", SWITCH, machine, user_networking),
    {.name = "images", .type = TYPE_ANY, .kind = &image_kind},
    KEY_WITH("minfs", OBJECT, machine, minfs, .kind = &minfs_kind,
	.alone = FUCHSIA, .hint = have_drives),
    KEY("zbi_tool", STRING, machine, zbi_tool),
    KEY("edk2_dir", STRING, machine, edk2_dir),
    KEY("firmware_dir", STRING, machine, firmware_dir),
    {.name = "emulator",
	.type = TYPE_REFUSED,
	.hint =
	    "has no effect here: use \"cpu\", \"memory\", \"kvm\", \"flash\" and \"args\""},
    KEY("logfile", PATH, machine, logfile),
    INTEGER("storage", machine, storage, 1, INT64_MAX, .absent = 0),
    KEY("fvm_tool", STRING, machine, fvm_tool),
    KEY("args", STRINGS, machine, args),
    KEY("features", NAMES, machine, features),
    KEY("machine", TEXT, machine, machine),
    KEY("cpu_model", TEXT, machine, cpu_model),
    KEY_WITH("tcg_thread", CHOICE, machine, tcg_thread, .absent = -1,
	.choices = tcg_threads),
    KEY_WITH("reboot", SWITCH, machine, reboot, .absent = -1),
    KEY_WITH("sandbox", SWITCH, machine, sandbox, .absent = -1),
    KEY_WITH(
	"rtc", OBJECT, machine, rtc, .kind = &rtc_kind, .either = OR_STRING),
    KEY("semihosting", SWITCH, machine, semihosting),
    KEY("extra", STRINGS, machine, extra),
    KEY("kernel", IMAGE, machine, kernel),
    KEY("initrd", IMAGE, machine, initrd),
    KEY_WITH(
	"modules", LIST, machine, modules, .kind = &module_kind, .alone = NONE),
    KEY("dtb", IMAGE, machine, dtb),
    KEY_WITH("bios", IMAGE, machine, bios, .either = OR_NONE),
    KEY_WITH("flash", OBJECT, machine, flash, .kind = &flash_kind),
    KEY_WITH("console", TEXT, machine, console, .either = OR_FALSE),
    KEY("nodename", TEXT, machine, nodename),
    INTEGER("nodename_style", machine, nodename_style, 0, 1, .absent = 0),
    KEY_WITH("entropy", HEX, machine, entropy, .max = 64),
    OTHERS("authorized_keys"),
    OTHERS("cmdline"),
    KEY_WITH("drives", LIST, machine, drives, .kind = &drive_kind),
    KEY_WITH("hci", CHOICE, machine, hci, .absent = -1, .choices = controllers,
	.either = OR_FALSE),
    KEY_WITH("netdevs", LIST, machine, netdevs, .kind = &netdev_kind),
    KEY("mac", MAC, machine, mac),
    KEY_WITH("tap", LABEL, machine, tap, .max = 15),
    KEY_WITH("vsock", OBJECT, machine, vsock, .kind = &vsock_kind),
    KEY_WITH("display", OBJECT, machine, display, .kind = &display_kind,
	.either = OR_TRUE),
    KEY("inputs", NAMES, machine, inputs),
    KEY_WITH("serials", LIST, machine, serials, .kind = &serial_kind),
    KEY_WITH("rng", OBJECT, machine, rng, .kind = &rng_kind, .either = OR_TRUE),
    KEY_WITH("pvpanic", SWITCH, machine, pvpanic, .absent = -1),
    KEY_WITH("isa_debug_exit", OBJECT, machine, debug_exit,
	.kind = &debug_exit_kind, .either = OR_TRUE),
    KEY_WITH("shares", LIST, machine, shares, .kind = &share_kind),
    KEY_WITH("helpers", LIST, machine, helpers, .kind = &helper_kind),
    KEY("command_ports", SWITCH, machine, command_ports),
    KEY("serial_socket", STRING, machine, serial_socket),
    KEY("ssh_key", STRING, machine, ssh_key),
    KEY("ipv4", STRING, machine, ipv4),
    KEY("ipv6", STRING, machine, ipv6),
    END,
};

static const struct object_kind document_kind = {
    "document", document_keys, sizeof(struct machine), 0};

const struct object_kind *const vocabulary[] = {&document_kind, &image_kind,
    &minfs_kind, &flash_kind, &module_kind, &drive_kind, &netdev_kind,
    &forward_kind, &vsock_kind, &display_kind, &serial_kind, &rng_kind,
    &debug_exit_kind, &rtc_kind, &share_kind, &helper_kind, NULL};
