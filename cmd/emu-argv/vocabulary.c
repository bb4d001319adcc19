#include "vocabulary.h"

#include "machine.h"

/* The member of a key's struct. */
#define AT(in, member) .offset = offsetof(struct in, member)
#define CHOICE(in, member, names) \
	TYPE_CHOICE, AT(in, member), .choices = (names)
#define INTEGER(in, member, least, most, otherwise) \
	TYPE_INTEGER, AT(in, member), .min = (least), .max = (most), \
				      .absent = (otherwise)
#define LIST(in, member) TYPE_LIST, AT(in, member##s), .kind = &member##_kind

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

const struct object_kind image_kind = {"image", sizeof(struct image_entry),
    .keys =
	(const struct key[]){
	    {.name = "name"},
	    {.name = "type"},
	    {.name = "path"},
	    {.name = "cpu"},
	    {"format", TYPE_FORMAT, AT(image_entry, format)},
	    {.name = "backing"},
	    {.name = "label"},
	    {.name = "size"},
	    {.name = "sha256"},
	    {.name = "extract"},
	    {.name = "staged"},
	    {0},
	},
    .foreign = true};

static const struct object_kind minfs_kind = {"minfs", sizeof(struct minfs),
    .keys = (const struct key[]){
	{"image", TYPE_TEXT, AT(minfs, image), .needs = EVERY},
	{"pci_address", TYPE_TEXT, AT(minfs, pci_address)},
	{0},
    }};

static const struct object_kind flash_kind = {"flash", sizeof(struct flash),
    .keys = (const struct key[]){
	{"code", TYPE_IMAGE, AT(flash, code), .needs = EVERY},
	{"vars", TYPE_IMAGE, AT(flash, vars)},
	{"disk", TYPE_IMAGE, AT(flash, disk), .alone = FUCHSIA,
	    .hint = have_drives},
	{0},
    }};

static const struct object_kind drive_kind = {"drive", sizeof(struct drive),
    .keys = (const struct key[]){
	{"image", TYPE_IMAGE, AT(drive, file), .needs = EVERY},
	{"id", TYPE_ID, AT(drive, id)},
	{"interface", CHOICE(drive, interface, drive_interfaces)},
	{"format", TYPE_FORMAT, AT(drive, format)},
	{"media", CHOICE(drive, cdrom, media)},
	{"readonly", TYPE_SWITCH, AT(drive, readonly), .absent = -1},
	{"snapshot", TYPE_SWITCH, AT(drive, snapshot)},
	{"pci_address", TYPE_TEXT, AT(drive, pci_address)},
	{"boot", INTEGER(drive, boot, 0, INT32_MAX, -1)},
	{"serial", TYPE_TEXT, AT(drive, serial)},
	{"root", TYPE_ROOT, AT(drive, root), .min = 1, .max = 255,
	    .alone = LINUX},
	{"options", TYPE_OPTIONS, AT(drive, options)},
	{0},
    }};

static const struct object_kind forward_kind = {"forward",
    sizeof(struct forward),
    .keys = (const struct key[]){
	{"guest", INTEGER(forward, guest, 1, 65535, 0), .needs = EVERY},
	{"host", INTEGER(forward, host, 0, 65535, 0), .needs = EVERY},
	{"protocol", CHOICE(forward, protocol, forward_protocols)},
	{"address", TYPE_IPV4, AT(forward, address)},
	{0},
    }};

static const struct object_kind netdev_kind = {"netdev", sizeof(struct netdev),
    .keys = (const struct key[]){
	{"backend", CHOICE(netdev, backend, netdev_backends), .needs = EVERY},
	{"id", TYPE_ID, AT(netdev, id)},
	{"model", TYPE_NAME, AT(netdev, model)},
	{"mac", TYPE_MAC, AT(netdev, mac), .either = OR_FALSE},
	{"pci_address", TYPE_TEXT, AT(netdev, pci_address)},
	{"boot", INTEGER(netdev, boot, 0, INT32_MAX, -1)},
	{"options", TYPE_OPTIONS, AT(netdev, options)},
	{"network", TYPE_TEXT, AT(netdev, network)},
	{"dhcpstart", TYPE_TEXT, AT(netdev, dhcpstart)},
	{"dns", TYPE_TEXT, AT(netdev, dns)},
	{"host", TYPE_TEXT, AT(netdev, host)},
	{"restrict", TYPE_SWITCH, AT(netdev, restricted), .absent = -1},
	{"forwards", LIST(netdev, forward)},
	{"ifname", TYPE_LABEL, AT(netdev, ifname), .max = 15},
	{"listen", TYPE_TEXT, AT(netdev, listen)},
	{"connect", TYPE_TEXT, AT(netdev, connect)},
	{"mcast", TYPE_TEXT, AT(netdev, mcast)},
	{"udp", TYPE_TEXT, AT(netdev, udp)},
	{"localaddr", TYPE_TEXT, AT(netdev, localaddr)},
	{0},
    }};

static const struct object_kind vsock_kind = {"vsock", sizeof(struct vsock),
    .keys = (const struct key[]){
	{"cid", INTEGER(vsock, cid, 3, UINT32_MAX - 1, 0), .either = OR_AUTO,
	    .needs = EVERY},
	{0},
    }};

static const struct object_kind serial_kind = {"serial", sizeof(struct serial),
    .keys = (const struct key[]){
	{"kind", CHOICE(serial, kind, serial_kinds)},
	{"backend", CHOICE(serial, backend, serial_backends), .absent = -1},
	{"id", TYPE_ID, AT(serial, id)},
	{"path", TYPE_PATH, AT(serial, path)},
	{"logfile", TYPE_PATH, AT(serial, logfile)},
	{"signal", TYPE_SWITCH, AT(serial, signal)},
	{0},
    }};

static const struct object_kind display_kind = {"display",
    sizeof(struct display),
    .keys = (const struct key[]){
	{"width", INTEGER(display, width, 1, 65535, 1280)},
	{"height", INTEGER(display, height, 1, 65535, 800)},
	{0},
    }};

static const struct object_kind rng_kind = {"rng", sizeof(struct rng),
    .keys = (const struct key[]){
	{"filename", TYPE_PATH, AT(rng, filename)},
	{"id", TYPE_ID, AT(rng, id)},
	{"model", TYPE_NAME, AT(rng, model)},
	{0},
    }};

static const struct object_kind debug_exit_kind = {"isa_debug_exit",
    sizeof(struct debug_exit),
    .keys = (const struct key[]){
	{"iobase", INTEGER(debug_exit, iobase, 0, 0xffff, 0xf4)},
	{"iosize", INTEGER(debug_exit, iosize, 1, 4, 4)},
	{0},
    }};

static const struct object_kind rtc_kind = {"rtc", sizeof(struct rtc),
    .keys = (const struct key[]){
	{"base", TYPE_TEXT, AT(rtc, base)},
	{"clock", TYPE_TEXT, AT(rtc, clock)},
	{"driftfix", TYPE_TEXT, AT(rtc, driftfix)},
	{0},
    }};

static const struct object_kind module_kind = {"module", sizeof(struct module),
    .keys = (const struct key[]){
	{"image", TYPE_IMAGE, AT(module, file), .needs = EVERY},
	{"args", TYPE_TEXT, AT(module, args)},
	{0},
    }};

static const struct object_kind share_kind = {"share", sizeof(struct share),
    .keys = (const struct key[]){
	{"path", TYPE_PATH, AT(share, path), .needs = EVERY},
	{"tag", TYPE_TEXT, AT(share, tag), .needs = EVERY},
	{"readonly", TYPE_SWITCH, AT(share, readonly)},
	{"security", CHOICE(share, security, share_securities), .absent = -1},
	{"driver", CHOICE(share, driver, share_drivers)},
	{0},
    }};

static const struct object_kind helper_kind = {"helper", sizeof(struct helper),
    .keys = (const struct key[]){
	{"command", TYPE_TEXT, AT(helper, command), .needs = EVERY},
	{"socket", TYPE_TEXT, AT(helper, socket), .needs = EVERY},
	{0},
    }};

/* The guest comes first: what others need and may have depends on it. */
const struct object_kind document_kind = {"document", sizeof(struct machine),
    .keys = (const struct key[]){
	{"guest", CHOICE(machine, guest, guest_names)},
	{"flavor", CHOICE(machine, era, flavor_names)},
	{"type", CHOICE(machine, aemu, types)},
	{"path", TYPE_TEXT, AT(machine, path)},
	{"target", TYPE_TEXT, AT(machine, target_text), .needs = EVERY},
	{"cpu", INTEGER(machine, cpu, 1, INT32_MAX, 1), .needs = FUCHSIA},
	{"memory", INTEGER(machine, memory, 1, INT64_MAX >> 20, 1024),
	    .needs = FUCHSIA},
	{"kvm", TYPE_SWITCH, AT(machine, kvm), .either = OR_AUTO},
	{"serial", TYPE_SWITCH, AT(machine, unused_switch)},
	{"user_networking", TYPE_SWITCH, AT(machine, user_networking)},
	{.name = "images", .type = TYPE_ANY, .kind = &image_kind},
	{"minfs", TYPE_OBJECT, AT(machine, minfs), .kind = &minfs_kind,
	    .alone = FUCHSIA, .hint = have_drives},
	{"zbi_tool", TYPE_STRING, AT(machine, unused_text)},
	{"edk2_dir", TYPE_STRING, AT(machine, unused_text)},
	{"firmware_dir", TYPE_STRING, AT(machine, unused_text)},
	{.name = "emulator",
	    .type = TYPE_REFUSED,
	    .hint =
		"has no effect here: use \"cpu\", \"memory\", \"kvm\", \"flash\" and \"args\""},
	{"logfile", TYPE_PATH, AT(machine, logfile)},
	{"storage", INTEGER(machine, unused_number, 1, INT64_MAX, 0)},
	{"fvm_tool", TYPE_STRING, AT(machine, unused_text)},
	{"args", TYPE_STRINGS, AT(machine, args)},
	{"features", TYPE_NAMES, AT(machine, features)},
	{"machine", TYPE_TEXT, AT(machine, machine)},
	{"cpu_model", TYPE_TEXT, AT(machine, cpu_model)},
	{"tcg_thread", CHOICE(machine, tcg_thread, tcg_threads), .absent = -1},
	{"reboot", TYPE_SWITCH, AT(machine, reboot), .absent = -1},
	{"sandbox", TYPE_SWITCH, AT(machine, sandbox), .absent = -1},
	{"rtc", TYPE_OBJECT, AT(machine, rtc), .kind = &rtc_kind,
	    .either = OR_STRING},
	{"semihosting", TYPE_SWITCH, AT(machine, semihosting)},
	{"extra", TYPE_STRINGS, AT(machine, extra)},
	{"kernel", TYPE_IMAGE, AT(machine, kernel)},
	{"initrd", TYPE_IMAGE, AT(machine, initrd)},
	{"modules", LIST(machine, module), .alone = NONE},
	{"dtb", TYPE_IMAGE, AT(machine, dtb)},
	{"bios", TYPE_IMAGE, AT(machine, bios), .either = OR_NONE},
	{"flash", TYPE_OBJECT, AT(machine, flash), .kind = &flash_kind},
	{"console", TYPE_TEXT, AT(machine, console), .either = OR_FALSE},
	{"nodename", TYPE_TEXT, AT(machine, nodename)},
	{"nodename_style", INTEGER(machine, unused_number, 0, 1, 0)},
	{"entropy", TYPE_HEX, AT(machine, entropy), .max = 64},
	{.name = "authorized_keys"},
	{.name = "cmdline"},
	{"drives", LIST(machine, drive)},
	{"hci", CHOICE(machine, hci, controllers), .absent = -1,
	    .either = OR_FALSE},
	{"netdevs", LIST(machine, netdev)},
	{"mac", TYPE_MAC, AT(machine, mac)},
	{"tap", TYPE_LABEL, AT(machine, tap), .max = 15},
	{"vsock", TYPE_OBJECT, AT(machine, vsock), .kind = &vsock_kind},
	{"display", TYPE_OBJECT, AT(machine, display), .kind = &display_kind,
	    .either = OR_TRUE},
	{"inputs", TYPE_NAMES, AT(machine, inputs)},
	{"serials", LIST(machine, serial)},
	{"rng", TYPE_OBJECT, AT(machine, rng), .kind = &rng_kind,
	    .either = OR_TRUE},
	{"pvpanic", TYPE_SWITCH, AT(machine, pvpanic), .absent = -1},
	{"isa_debug_exit", TYPE_OBJECT, AT(machine, debug_exit),
	    .kind = &debug_exit_kind, .either = OR_TRUE},
	{"shares", LIST(machine, share)},
	{"helpers", LIST(machine, helper)},
	{"command_ports", TYPE_SWITCH, AT(machine, command_ports)},
	{"serial_socket", TYPE_STRING, AT(machine, unused_text)},
	{"ssh_key", TYPE_STRING, AT(machine, unused_text)},
	{"ipv4", TYPE_STRING, AT(machine, unused_text)},
	{"ipv6", TYPE_STRING, AT(machine, unused_text)},
	{0},
    }};
