#include "variables.h"

#include "clock.h"
#include "duration.h"
#include "field.h"
#include "flavor.h"
#include "input.h"
#include "mac.h"
#include "node.h"
#include "path.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	NODENAME,
	IPV4,
	IPV6,
	DEVICE,
	KEY,
	SOCKET,
	MAC,
	TAP,
	CID,
	NAMES,
};

static const char *const names[NAMES] = {
    [NODENAME] = "FUCHSIA_NODENAME",
    [IPV4] = "FUCHSIA_IPV4_ADDR",
    [IPV6] = "FUCHSIA_IPV6_ADDR",
    [DEVICE] = "FUCHSIA_DEVICE_ADDR",
    [KEY] = "FUCHSIA_SSH_KEY",
    [SOCKET] = "FUCHSIA_SERIAL_SOCKET",
    [MAC] = "EMU_MAC",
    [TAP] = "EMU_TAP",
    [CID] = "EMU_VSOCK_CID",
};

enum { PORTS_FILE = 65536 };

/* How long an emulator may take to choose, and how often to look. */
static const uint64_t patience_ns = 10000000000;
static const uint64_t look_ns = 10000000;

/* The address that QEMU gives to a first device that asks for none. */
static const char mac_qemu[] = "52:54:00:12:34:56";

/* An object of the document, and where it is, for messages. */
struct object {
	const struct document *document;
	const json_t *object;
	const char *prefix;
};

static _Noreturn void
fail(const struct reason *why)
{
	errx(STATUS_FAILED, "%s", why->text);
}

/* NULL: absent. */
static const char *
text(const struct object *p, const char *key)
{
	const char *value = NULL;
	struct reason why;

	if (field_text(p->document, p->object, p->prefix, key, &value, &why) <
	    0)
		fail(&why);
	return value;
}

static int64_t
integer(const struct object *p, const char *key, int64_t max)
{
	int64_t value = 0;
	struct reason why;

	if (field_integer(p->document, p->object, p->prefix, key, 0, max,
		&value, &why) < 0)
		fail(&why);
	return value;
}

static void __attribute__((format(printf, 2, 3)))
set(struct variable *variable, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&variable->value, format, ap) < 0)
		err(STATUS_FAILED, "%s", variable->name);
	va_end(ap);
}

static const char *
scratch_directory(void)
{
	const char *scratch = getenv("EMU_SCRATCH");

	return scratch != NULL && scratch[0] != '\0' ? scratch : NULL;
}

/* Reads an address; `where` is the key that it is the value of. */
static void
parse_mac(const struct object *root, const char *where, const char *value,
    struct mac *mac)
{
	struct reason what;

	if (mac_parse(value, 0, mac, &what) < 0)
		errx(STATUS_FAILED, "%s: %s: %s", root->document->name, where,
		    what.text);
}

/* What the document says about the first network device. */
struct network {
	bool there, tap;
	const char *mac, *ifname;
	char of_node[18];
};

static void
read_network(const struct object *root, const char *nodename, bool fuchsia,
    struct network *network)
{
	bool user = false,
	     own = false; /* the emulator's address is asked for */
	json_t *netdevs = NULL;
	struct reason why;

	*network = (struct network){
	    .mac = text(root, "mac"), .ifname = text(root, "tap")};
	if (field_bool(root->document, root->object, "", "user_networking",
		&user, &why) < 0 ||
	    field_array(root->document, root->object, "", "netdevs", &netdevs,
		&why) < 0)
		fail(&why);
	network->there = user || fuchsia;
	network->tap = fuchsia && !user;
	if (!user && netdevs != NULL) {
		const struct object first = {
		    root->document, json_array_get(netdevs, 0), "netdevs[0]."};
		const char *backend = text(&first, "backend");
		const char *ifname = text(&first, "ifname"), *mac = NULL;

		network->there = first.object != NULL;
		network->tap = backend != NULL && strcmp(backend, "tap") == 0;
		own = json_is_false(json_object_get(first.object, "mac"));
		if (!own)
			mac = text(&first, "mac");
		network->mac = mac != NULL ? mac : network->mac;
		network->ifname = ifname != NULL ? ifname : network->ifname;
	}
	if (own)
		network->mac = mac_qemu;
	else if (network->mac == NULL && fuchsia)
		network->mac = mac_of_node(nodename, network->of_node)
				   ? network->of_node
				   : MAC_BOTANIST;
	else if (network->mac == NULL)
		network->mac = mac_can_be_automatic() ? "auto" : mac_qemu;
}

/* What follows from the network device. */
static void
set_network(const struct object *root, const struct network *network,
    struct variable list[static VARIABLES])
{
	char name[NODE_NAME], address[NODE_ADDRESS], tap[16];
	struct reason why;
	struct mac mac;

	if (!network->there)
		return;
	parse_mac(root, "mac", network->mac, &mac);
	set(&list[MAC], "%s", mac.text);
	if (list[NODENAME].value == NULL) {
		if (integer(root, "nodename_style", 1) == 1)
			node_hex(&mac, name, sizeof(name));
		else if (node_words(&mac, name, sizeof(name), &why) < 0)
			fail(&why);
		set(&list[NODENAME], "%s", name);
	}
	if (!network->tap)
		return;
	mac_tap(&mac, network->ifname, tap, sizeof(tap));
	set(&list[TAP], "%s", tap);
	node_link_local(&mac, address, sizeof(address));
	if (list[IPV6].value == NULL)
		set(&list[IPV6], "%s%%%s", address, tap);
}

static void
set_cid(const struct object *root, struct variable *variable)
{
	json_t *vsock = json_object_get(root->object, "vsock");
	const json_t *cid = json_object_get(vsock, "cid");
	struct mac mac;

	if (json_is_integer(cid)) {
		set(variable, "%lld", json_integer_value(cid));
	} else if (json_is_object(vsock)) {
		parse_mac(root, "vsock.cid", "auto", &mac);
		set(variable, "%" PRIu32, mac_cid(&mac));
	}
}

/* Whether the ports are those of a machine that has ended: of an emu-spawn that
 * was killed. */
static bool
is_stale(const char *chosen)
{
	int pid;

	return sscanf(chosen, "pid %d", &pid) == 1 && kill(pid, 0) < 0 &&
	       errno == ESRCH;
}

/* What the emulator chose (emu-spawn(1)), which the caller frees; NULL without
 * EMU_SCRATCH. */
static char *
read_chosen(void)
{
	const char *scratch = scratch_directory();
	char *path, *chosen;
	struct reason why;
	size_t len;
	double scale;

	if (scratch == NULL)
		return NULL;
	if (duration_scale(&scale, &why) < 0)
		fail(&why);
	if (asprintf(&path, "%s/ports", scratch) < 0)
		err(STATUS_FAILED, "ports");
	uint64_t due = clock_now() + duration_scaled(patience_ns, scale);
	for (;; clock_sleep(look_ns)) {
		bool late = clock_now() >= due;

		if (!late && access(path, F_OK) < 0)
			continue;
		if (input_read(path, PORTS_FILE, &chosen, &len, &why) < 0)
			fail(&why);
		if (!is_stale(chosen))
			break;
		if (late)
			errx(STATUS_FAILED, "%s: of a machine that has ended",
			    path);
		free(chosen);
	}
	free(path);
	return chosen;
}

/* The port of the host in the text's line "tcp GUEST HOST"; 0: there is none.
 */
static int64_t
find_port(const char *chosen, const char *protocol, int64_t guest)
{
	for (const char *line = chosen; line != NULL;
	     line = strchr(line, '\n')) {
		char name[4] = "";
		int64_t from, to;

		line += *line == '\n';
		if (sscanf(line, "%3s %" SCNd64 " %" SCNd64, name, &from,
			&to) == 3 &&
		    strcmp(name, protocol) == 0 && from == guest)
			return to;
	}
	return 0;
}

/* Adds the variable of a port to the ports, of which *count are set. */
static void
add_port(const struct object *forward, char **chosen, struct variable *ports,
    size_t *count)
{
	int64_t guest = integer(forward, "guest", 65535);
	int64_t host = integer(forward, "host", 65535);
	const char *protocol = text(forward, "protocol");
	char name[sizeof(ports->name)];

	if (protocol == NULL)
		protocol = "tcp";
	if (host == 0 && *chosen == NULL)
		*chosen = read_chosen();
	if (host == 0)
		host = find_port(*chosen, protocol, guest);
	if (guest == 0 || host == 0)
		return;
	snprintf(name, sizeof(name), "EMU_PORT_%s%" PRId64,
	    strcmp(protocol, "udp") == 0 ? "UDP_" : "", guest);
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(ports[i].name, name) == 0)
			return;
	}
	if (*count == VARIABLES - NAMES)
		errx(STATUS_FAILED, "%s: %s more ports than %d",
		    forward->document->name, forward->prefix,
		    VARIABLES - NAMES);
	strcpy(ports[*count].name, name);
	set(&ports[(*count)++], "%" PRId64, host);
}

static void
set_ports(const struct document *document, struct variable *ports)
{
	json_t *netdevs = json_object_get(document->root, "netdevs");
	json_t *netdev, *forward;
	size_t count = 0, i, j;
	char *chosen = NULL, prefix[64];

	json_array_foreach(netdevs, i, netdev)
	{
		json_array_foreach(
		    json_object_get(netdev, "forwards"), j, forward)
		{
			const struct object object = {
			    document, forward, prefix};

			snprintf(prefix, sizeof(prefix),
			    "netdevs[%zu].forwards[%zu].", i, j);
			add_port(&object, &chosen, ports, &count);
		}
	}
	free(chosen);
}

/* Those that the document itself says. */
static void
set_texts(const struct object *root, struct variable list[static VARIABLES])
{
	static const struct {
		int variable;
		const char *key;
	} keys[] = {
	    {NODENAME, "nodename"},
	    {IPV4, "ipv4"},
	    {IPV6, "ipv6"},
	    {KEY, "ssh_key"},
	    {SOCKET, "serial_socket"},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct variable *variable = &list[keys[i].variable];
		const char *value = text(root, keys[i].key);

		if (value == NULL)
			continue;
		if (keys[i].variable != KEY && keys[i].variable != SOCKET)
			set(variable, "%s", value);
		else if ((variable->value = path_absolute(NULL, value)) == NULL)
			err(STATUS_FAILED, "%s", value);
	}
	if (list[SOCKET].value == NULL && scratch_directory() != NULL)
		set(&list[SOCKET], "%s/serial.sock", scratch_directory());
}

void
variables_make(
    const struct document *document, struct variable list[static VARIABLES])
{
	const struct object root = {document, document->root, ""};
	const char *guest = text(&root, "guest");
	bool fuchsia = guest == NULL || strcmp(guest, "fuchsia") == 0;
	struct flavor flavor = {0};
	struct network network;
	struct reason why;

	for (size_t i = 0; i < VARIABLES; i++) {
		list[i] = (struct variable){0};
		if (i < NAMES)
			strcpy(list[i].name, names[i]);
	}
	set_texts(&root, list);
	if (fuchsia && flavor_read(&flavor, text(&root, "flavor"), &why) < 0)
		fail(&why);
	if (list[NODENAME].value == NULL && flavor.nodename != NULL)
		set(&list[NODENAME], "%s", flavor.nodename);
	read_network(&root, list[NODENAME].value, fuchsia, &network);
	set_network(&root, &network, list);
	flavor_free(&flavor);
	set_cid(&root, &list[CID]);
	set_ports(document, list + NAMES);
	const char *device =
	    list[IPV4].value != NULL ? list[IPV4].value : list[IPV6].value;
	if (device != NULL)
		set(&list[DEVICE], "%s", device);
}

void
variables_free(struct variable list[static VARIABLES])
{
	for (size_t i = 0; i < VARIABLES; i++)
		free(list[i].value);
}
