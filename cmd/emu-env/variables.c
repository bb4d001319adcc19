#include "variables.h"

#include "field.h"
#include "flavor.h"
#include "mac.h"
#include "node.h"
#include "path.h"
#include "ports.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The address that QEMU gives to a first device that asks for none. */
static const char mac_qemu[] = "52:54:00:12:34:56";

/* What the document says about the first network device. */
struct network {
	bool there, tap;
	const char *mac, *ifname;
	char of_node[18];
};

/* The texts that the document may hold. */
struct texts {
	const char *guest, *flavor, *mac, *tap;
	const char *nodename, *ipv4, *ipv6, *ssh_key, *serial_socket;
	int64_t style;
};

static int
read_texts(const struct document *document, struct texts *t, struct reason *why)
{
	const struct {
		const char *key, **value;
	} fields[] = {
	    {"guest", &t->guest},
	    {"flavor", &t->flavor},
	    {"mac", &t->mac},
	    {"tap", &t->tap},
	    {"nodename", &t->nodename},
	    {"ipv4", &t->ipv4},
	    {"ipv6", &t->ipv6},
	    {"ssh_key", &t->ssh_key},
	    {"serial_socket", &t->serial_socket},
	};

	*t = (struct texts){.guest = "fuchsia", .flavor = "2020"};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (field_text(document, document->root, "", fields[i].key,
			fields[i].value, why) < 0)
			return -1;
	}
	return field_integer(document, document->root, "", "nodename_style", 0,
	    1, &t->style, why);
}

static int
read_network(const struct document *document, const struct texts *t,
    struct network *network, struct reason *why)
{
	bool user = false, fuchsia = strcmp(t->guest, "fuchsia") == 0;
	const char *backend = NULL;
	bool own = false; /* the emulator's address is asked for */
	json_t *netdevs = NULL;

	*network = (struct network){.mac = t->mac, .ifname = t->tap};
	if (field_bool(document, document->root, "", "user_networking", &user,
		why) < 0 ||
	    field_array(
		document, document->root, "", "netdevs", &netdevs, why) < 0)
		return -1;
	network->there = user || fuchsia;
	network->tap = fuchsia && !user;
	if (!user && netdevs != NULL) {
		const json_t *first = json_array_get(netdevs, 0);

		network->there = first != NULL;
		own = json_is_false(json_object_get(first, "mac"));
		if (field_text(document, first, "netdevs[0].", "backend",
			&backend, why) < 0 ||
		    (!own && field_text(document, first, "netdevs[0].", "mac",
				 &network->mac, why) < 0) ||
		    field_text(document, first, "netdevs[0].", "ifname",
			&network->ifname, why) < 0)
			return -1;
		network->tap = backend != NULL && strcmp(backend, "tap") == 0;
	}
	if (own)
		network->mac = mac_qemu;
	else if (network->mac == NULL && fuchsia)
		network->mac = mac_of_node(t->nodename, network->of_node)
				   ? network->of_node
				   : MAC_BOTANIST;
	else if (network->mac == NULL)
		network->mac = mac_can_be_automatic() ? "auto" : mac_qemu;
	return 0;
}

static int
set(struct variable *variable, const char *value, struct reason *why)
{
	if (value == NULL)
		return 0;
	variable->value = strdup(value);
	if (variable->value == NULL)
		return reason_memory(why);
	return 0;
}

static int
set_path(struct variable *variable, const char *path, struct reason *why)
{
	if (path == NULL)
		return 0;
	variable->value = path_absolute(NULL, path);
	if (variable->value == NULL)
		return reason_errno(why, "%s", path);
	return 0;
}

static int
set_socket(struct variable *variable, const char *socket, struct reason *why)
{
	const char *scratch = getenv("EMU_SCRATCH");

	if (socket != NULL)
		return set_path(variable, socket, why);
	if (scratch == NULL || scratch[0] == '\0')
		return 0;
	if (asprintf(&variable->value, "%s/serial.sock", scratch) >= 0)
		return 0;
	variable->value = NULL;
	return reason_memory(why);
}

/* What follows from the network device. */
static int
set_network(const struct document *document, const struct texts *t,
    struct variable list[static VARIABLES], struct reason *why)
{
	char name[NODE_NAME], address[NODE_ADDRESS], tap[16], full[96];
	struct network network;
	struct reason what;
	struct mac mac;

	if (read_network(document, t, &network, why) < 0)
		return -1;
	if (!network.there)
		return 0;
	if (mac_parse(network.mac, 0, &mac, &what) < 0)
		return reason_set(
		    why, "%s: mac: %s", document->name, what.text);
	if (t->style == 0)
		node_words(&mac, name, sizeof(name));
	else
		node_hex(&mac, name, sizeof(name));
	mac_tap(&mac, network.ifname, tap, sizeof(tap));
	node_link_local(&mac, address, sizeof(address));
	snprintf(full, sizeof(full), "%s%%%s", address, tap);
	if (list[NODENAME].value == NULL && set(&list[NODENAME], name, why) < 0)
		return -1;
	if (set(&list[MAC], mac.text, why) < 0)
		return -1;
	if (!network.tap)
		return 0;
	if (t->ipv6 == NULL && set(&list[IPV6], full, why) < 0)
		return -1;
	return set(&list[TAP], tap, why);
}

static int
set_cid(const struct document *document, struct variable *variable,
    struct reason *why)
{
	json_t *vsock = json_object_get(document->root, "vsock");
	const json_t *cid = json_object_get(vsock, "cid");
	struct reason what;
	char text[16];
	struct mac mac;

	if (!json_is_object(vsock))
		return 0;
	if (json_is_integer(cid))
		snprintf(text, sizeof(text), "%lld", json_integer_value(cid));
	else if (mac_parse("auto", 0, &mac, &what) < 0)
		return reason_set(
		    why, "%s: vsock.cid: %s", document->name, what.text);
	else
		snprintf(text, sizeof(text), "%" PRIu32, mac_cid(&mac));
	return set(variable, text, why);
}

int
variables_make(const struct document *document,
    struct variable list[static VARIABLES], struct reason *why)
{
	struct flavor flavor = {0};
	struct texts t;
	int result = -1;

	for (size_t i = 0; i < VARIABLES; i++) {
		list[i] = (struct variable){0};
		if (i < NAMES)
			strcpy(list[i].name, names[i]);
	}
	if (read_texts(document, &t, why) < 0)
		return -1;
	if (strcmp(t.guest, "fuchsia") == 0 &&
	    flavor_read(&flavor, t.flavor, why) < 0)
		goto out;
	if (t.nodename == NULL)
		t.nodename = flavor.nodename;
	if (set(&list[NODENAME], t.nodename, why) < 0 ||
	    set(&list[IPV4], t.ipv4, why) < 0 ||
	    set(&list[IPV6], t.ipv6, why) < 0 ||
	    set_path(&list[KEY], t.ssh_key, why) < 0 ||
	    set_socket(&list[SOCKET], t.serial_socket, why) < 0 ||
	    set_network(document, &t, list, why) < 0 ||
	    set_cid(document, &list[CID], why) < 0 ||
	    ports_make(document, list + NAMES, VARIABLES - NAMES, why) < 0)
		goto out;
	result = set(&list[DEVICE],
	    list[IPV4].value != NULL ? list[IPV4].value : list[IPV6].value,
	    why);
out:
	flavor_free(&flavor);
	return result;
}

void
variables_free(struct variable list[static VARIABLES])
{
	for (size_t i = 0; i < VARIABLES; i++)
		free(list[i].value);
}
