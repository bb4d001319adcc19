#include "variables.h"

#include "../fatal.h"
#include "../memory.h"
#include "clock.h"
#include "duration.h"
#include "field.h"
#include "flavor.h"
#include "input.h"
#include "mac.h"
#include "node.h"
#include "path.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The variables of every machine, in their order. */
static const char *const names[] = {
    "FUCHSIA_NODENAME",
    "FUCHSIA_IPV4_ADDR",
    "FUCHSIA_IPV6_ADDR",
    "FUCHSIA_DEVICE_ADDR",
    "FUCHSIA_SSH_KEY",
    "FUCHSIA_SERIAL_SOCKET",
    "EMU_MAC",
    "EMU_TAP",
    "EMU_VSOCK_CID",
};

enum { PORTS_FILE = 65536 };

/* How long an emulator may take to choose, and how often to look. */
static const uint64_t patience_ns = 10000000000;
static const uint64_t look_ns = 10000000;

/* The address that QEMU gives to a first device that asks for none. */
static const char mac_qemu[] = "52:54:00:12:34:56";

/* Returns the string that the key has, or NULL. */
static const char *
text(struct fields *object, const char *key)
{
	const char *value = NULL;

	field_text(object, key, &value);
	fatal_if(object->failed, object->why);
	return value;
}

/* Returns the number that the key has, 0 when it is absent. */
static int64_t
integer(struct fields *object, const char *key, int64_t max)
{
	int64_t value = 0;

	field_integer(object, key, 0, max, &value);
	fatal_if(object->failed, object->why);
	return value;
}

/* Gives a variable its value. The file system's names in it need not be UTF-8.
 */
static void __attribute__((format(printf, 3, 4)))
set(json_t *variables, const char *name, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *value = memory_vformat(format, ap);
	va_end(ap);
	if (json_object_set_new_nocheck(
		variables, name, json_string_nocheck(value)) < 0)
		fatal_memory();
	free(value);
}

/* Returns the value of a variable, or NULL. */
static const char *
get(const json_t *variables, const char *name)
{
	return json_string_value(json_object_get(variables, name));
}

static const char *
scratch_directory(void)
{
	const char *scratch = getenv("EMU_SCRATCH");

	return scratch != NULL && scratch[0] != '\0' ? scratch : NULL;
}

/* Reads an address; `where` is the key that it is the value of. */
static void
parse_mac(
    struct fields *root, const char *where, const char *value, struct mac *mac)
{
	struct reason what;

	if (mac_parse(value, 0, mac, &what) < 0)
		fatal("%s: %s: %s", root->document->name, where, what.text);
}

/* What the document says about the first network device. */
struct network {
	bool there, tap;
	const char *mac, *ifname;
	char of_node[18];
};

static void
read_netdev(struct fields *root, json_t *netdev, struct network *network)
{
	struct fields first = {
	    root->document, netdev, "netdevs[0].", root->why, false};
	const char *backend = text(&first, "backend");
	const char *ifname = text(&first, "ifname");

	network->there = netdev != NULL;
	network->tap = backend != NULL && strcmp(backend, "tap") == 0;
	network->ifname = ifname != NULL ? ifname : network->ifname;
	/* The emulator's address may be asked for. */
	const char *mac = json_is_false(json_object_get(netdev, "mac"))
			      ? mac_qemu
			      : text(&first, "mac");
	network->mac = mac != NULL ? mac : network->mac;
}

static void
read_network(struct fields *root, const char *nodename, bool fuchsia,
    struct network *network)
{
	bool user = false;
	json_t *netdevs = NULL;

	*network = (struct network){
	    .mac = text(root, "mac"), .ifname = text(root, "tap")};
	field_bool(root, "user_networking", &user);
	field_array(root, "netdevs", &netdevs);
	fatal_if(root->failed, root->why);
	network->there = user || fuchsia;
	network->tap = fuchsia && !user;
	if (!user && netdevs != NULL)
		read_netdev(root, json_array_get(netdevs, 0), network);
	if (network->mac != NULL)
		return;
	if (fuchsia)
		network->mac = mac_of_node(nodename, network->of_node)
				   ? network->of_node
				   : MAC_BOTANIST;
	else
		network->mac = mac_can_be_automatic() ? "auto" : mac_qemu;
}

/* What follows from the network device. */
static void
set_network(
    struct fields *root, const struct network *network, json_t *variables)
{
	char name[NODE_NAME], address[NODE_ADDRESS], tap[16];
	struct mac mac;

	if (!network->there)
		return;
	parse_mac(root, "mac", network->mac, &mac);
	set(variables, "EMU_MAC", "%s", mac.text);
	if (get(variables, "FUCHSIA_NODENAME") == NULL) {
		if (integer(root, "nodename_style", 1) == 1)
			node_hex(&mac, name, sizeof(name));
		else
			node_words(&mac, name, sizeof(name));
		set(variables, "FUCHSIA_NODENAME", "%s", name);
	}
	if (!network->tap)
		return;
	mac_tap(&mac, network->ifname, tap, sizeof(tap));
	set(variables, "EMU_TAP", "%s", tap);
	node_link_local(&mac, address, sizeof(address));
	if (get(variables, "FUCHSIA_IPV6_ADDR") == NULL)
		set(variables, "FUCHSIA_IPV6_ADDR", "%s%%%s", address, tap);
}

static void
set_cid(struct fields *root, json_t *variables)
{
	json_t *vsock = json_object_get(root->object, "vsock");
	const json_t *cid = json_object_get(vsock, "cid");
	struct mac mac;

	if (json_is_integer(cid)) {
		set(variables, "EMU_VSOCK_CID", "%lld",
		    json_integer_value(cid));
	} else if (json_is_object(vsock)) {
		parse_mac(root, "vsock.cid", "auto", &mac);
		set(variables, "EMU_VSOCK_CID", "%" PRIu32, mac_cid(&mac));
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
	char *chosen;
	struct reason why;
	size_t len;
	double scale;

	if (scratch == NULL)
		return NULL;
	fatal_if(duration_scale(&scale, &why) < 0, &why);
	char *path = memory_format("%s/ports", scratch);
	uint64_t due = clock_now() + duration_scaled(patience_ns, scale);
	for (;; clock_sleep(look_ns)) {
		bool late = clock_now() >= due;

		if (!late && access(path, F_OK) < 0)
			continue;
		if (input_read(path, PORTS_FILE, &chosen, &len, &why) < 0)
			fatal("%s", why.text);
		if (!is_stale(chosen))
			break;
		if (late)
			fatal("%s: of a machine that has ended", path);
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

/* Adds the variable of a port, unless a forward of the same port came before.
 */
static void
set_port(struct fields *forward, char **chosen, json_t *variables)
{
	int64_t guest = integer(forward, "guest", 65535);
	int64_t host = integer(forward, "host", 65535);
	const char *protocol = text(forward, "protocol");
	char name[40];

	if (protocol == NULL)
		protocol = "tcp";
	if (host == 0 && *chosen == NULL)
		*chosen = read_chosen();
	if (host == 0)
		host = find_port(*chosen, protocol, guest);
	snprintf(name, sizeof(name), "EMU_PORT_%s%" PRId64,
	    strcmp(protocol, "udp") == 0 ? "UDP_" : "", guest);
	if (guest != 0 && host != 0 && get(variables, name) == NULL)
		set(variables, name, "%" PRId64, host);
}

static void
set_ports(struct fields *root, json_t *variables)
{
	json_t *netdevs = json_object_get(root->object, "netdevs");
	json_t *netdev, *forward;
	size_t i, j;
	char *chosen = NULL, prefix[64];

	json_array_foreach(netdevs, i, netdev)
	{
		json_array_foreach(
		    json_object_get(netdev, "forwards"), j, forward)
		{
			struct fields fields = {
			    root->document, forward, prefix, root->why, false};

			snprintf(prefix, sizeof(prefix),
			    "netdevs[%zu].forwards[%zu].", i, j);
			set_port(&fields, &chosen, variables);
		}
	}
	free(chosen);
}

/* Those that the document itself says. */
static void
set_texts(struct fields *root, json_t *variables)
{
	static const struct {
		const char *name, *key;
		bool path;
	} keys[] = {
	    {"FUCHSIA_NODENAME", "nodename", false},
	    {"FUCHSIA_IPV4_ADDR", "ipv4", false},
	    {"FUCHSIA_IPV6_ADDR", "ipv6", false},
	    {"FUCHSIA_SSH_KEY", "ssh_key", true},
	    {"FUCHSIA_SERIAL_SOCKET", "serial_socket", true},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *value = text(root, keys[i].key);
		char *path = value != NULL && keys[i].path
				 ? path_absolute(NULL, value)
				 : NULL;

		if (value != NULL && keys[i].path && path == NULL)
			fatal_errno(value);
		if (value != NULL)
			set(variables, keys[i].name, "%s",
			    path == NULL ? value : path);
		free(path);
	}
	if (get(variables, "FUCHSIA_SERIAL_SOCKET") == NULL &&
	    scratch_directory() != NULL)
		set(variables, "FUCHSIA_SERIAL_SOCKET", "%s/serial.sock",
		    scratch_directory());
}

/* Those that follow from the machine. */
static void
set_machine(struct fields *root, json_t *variables)
{
	const char *guest = text(root, "guest");
	bool fuchsia = guest == NULL || strcmp(guest, "fuchsia") == 0;
	struct flavor flavor = {0};
	struct network network;

	fatal_if(fuchsia &&
		     flavor_read(&flavor, text(root, "flavor"), root->why) < 0,
	    root->why);
	if (get(variables, "FUCHSIA_NODENAME") == NULL &&
	    flavor.nodename != NULL)
		set(variables, "FUCHSIA_NODENAME", "%s", flavor.nodename);
	read_network(
	    root, get(variables, "FUCHSIA_NODENAME"), fuchsia, &network);
	set_network(root, &network, variables);
	flavor_free(&flavor);
	set_cid(root, variables);
}

json_t *
variables_make(const struct document *document)
{
	struct reason why;
	struct fields root = {document, document->root, "", &why, false};
	json_t *variables = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (json_object_set_new(variables, names[i], json_null()) < 0)
			fatal_memory();
	}
	set_texts(&root, variables);
	set_machine(&root, variables);
	set_ports(&root, variables);
	const char *device = get(variables, "FUCHSIA_IPV4_ADDR");
	if (device == NULL)
		device = get(variables, "FUCHSIA_IPV6_ADDR");
	if (device != NULL)
		set(variables, "FUCHSIA_DEVICE_ADDR", "%s", device);
	return variables;
}
