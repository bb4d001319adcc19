#include "network.h"

#include "mac.h"
#include "vocabulary.h"

#include <stddef.h>
#include <string.h>

/* Texts that become a property of -netdev, and their backends. */
struct property {
	enum netdev_backend backend;
	const char *key, *before; /* before NULL: made elsewhere */
	size_t offset;
};

#define AT(field) offsetof(struct netdev, field)

static const struct property properties[] = {
    {NETDEV_USER, "network", ",net=", AT(network)},
    {NETDEV_USER, "dhcpstart", ",dhcpstart=", AT(dhcpstart)},
    {NETDEV_USER, "dns", ",dns=", AT(dns)},
    {NETDEV_USER, "host", ",host=", AT(host)},
    {NETDEV_TAP, "ifname", NULL, AT(ifname)},
    {NETDEV_SOCKET, "listen", ",listen=", AT(listen)},
    {NETDEV_SOCKET, "connect", ",connect=", AT(connect)},
    {NETDEV_SOCKET, "mcast", ",mcast=", AT(mcast)},
    {NETDEV_SOCKET, "udp", ",udp=", AT(udp)},
    {NETDEV_SOCKET, "localaddr", ",localaddr=", AT(localaddr)},
};

enum { PROPERTIES = sizeof(properties) / sizeof(properties[0]) };

static const char *
property(const struct netdev *netdev, const struct property *p)
{
	const char *text;

	memcpy(&text, (const char *)netdev + p->offset, sizeof(text));
	return text;
}

static void
check_backend(const struct machine *m, const struct netdev *netdev)
{
	bool user = netdev->backend == NETDEV_USER;

	for (size_t i = 0; i < PROPERTIES; i++) {
		const struct property *p = &properties[i];

		if ((int)p->backend != netdev->backend &&
		    property(netdev, p) != NULL)
			machine_fault(m, netdev->place, p->key,
			    "is for backend \"%s\", not \"%s\"",
			    netdev_backends[p->backend],
			    netdev_backends[netdev->backend]);
	}
	if (!user && netdev->forwards != NULL)
		machine_fault(
		    m, netdev->place, "forwards", "is for backend \"user\"");
	if (!user && netdev->restricted >= 0)
		machine_fault(
		    m, netdev->place, "restrict", "is for backend \"user\"");
}

/* What holds where the device, the index-th of the machine, says nothing. */
static void
complete(struct machine *m, struct netdev *netdev, unsigned index,
    const char *mac_place)
{
	struct reason what;
	struct mac mac;
	char tap[16];

	machine_take_id(m, netdev->place, "net", index, &netdev->id);
	for (struct forward *f = netdev->forwards; f != NULL; f = f->next) {
		if (f->address == NULL)
			f->address =
			    m->guest == GUEST_FUCHSIA ? "" : "127.0.0.1";
	}
	if (netdev->model == NULL)
		netdev->model = machine_virtio(m, "virtio-net");
	if (netdev->backend == NETDEV_TAP && netdev->ifname == NULL) {
		/* The reader has seen that it can be parsed. */
		mac_parse(
		    m->mac == NULL ? MAC_BOTANIST : m->mac, 0, &mac, &what);
		mac_tap(&mac, m->tap, tap, sizeof(tap));
		netdev->ifname = machine_text(m, "%s", tap);
	}
	/* Two machines on one network want two addresses. */
	if (netdev->mac == NULL && m->guest != GUEST_FUCHSIA &&
	    mac_can_be_automatic())
		netdev->mac = "auto";
	if (netdev->mac == NULL || netdev->mac[0] == '\0') {
		netdev->mac = NULL;
		return;
	}
	if (mac_parse(netdev->mac, index, &mac, &what) < 0)
		machine_fault(m, mac_place, "mac", "%s", what.text);
	netdev->mac = machine_text(m, "%s", mac.text);
}

/* The address of the first device where it says none; NULL: the emulator's own.
 */
static const char *
first_mac(struct machine *m)
{
	const char *name =
	    m->nodename != NULL ? m->nodename : m->flavor.nodename;
	char text[18];

	if (m->mac != NULL || m->guest != GUEST_FUCHSIA)
		return m->mac;
	if (mac_of_node(name, text))
		return machine_text(m, "%s", text);
	return MAC_BOTANIST;
}

/* The device that user_networking speaks of. */
static void
add_first(struct machine *m)
{
	bool fuchsia = m->guest == GUEST_FUCHSIA;
	struct netdev *netdev = machine_take(m, sizeof(*netdev));

	*netdev = (struct netdev){
	    .place = machine_origin(m, "user_networking"),
	    .next = m->netdevs,
	    .backend = m->user_networking ? NETDEV_USER : NETDEV_TAP,
	    .mac = first_mac(m),
	    .restricted = -1,
	    .boot = -1,
	    .vectors = fuchsia ? m->flavor.vectors : -1,
	};
	complete(m, netdev, 0, "");
	m->netdevs = netdev;
}

void
network_complete(struct machine *m)
{
	struct netdev *netdev = m->netdevs;
	bool fuchsia = m->guest == GUEST_FUCHSIA;
	unsigned index = 0;

	if (m->user_networking || (fuchsia && !machine_has(m, "netdevs"))) {
		add_first(m);
		index++;
	}
	for (; netdev != NULL; netdev = netdev->next) {
		/* The caller's own properties stand alone. */
		netdev->vectors =
		    fuchsia && netdev->options == NULL && netdev->model == NULL
			? m->flavor.vectors
			: -1;
		if (netdev->mac == NULL && index == 0)
			netdev->mac = first_mac(m);
		check_backend(m, netdev);
		complete(m, netdev, index++, netdev->place);
	}
}

static void
backend_words(const struct netdev *netdev, struct words *words)
{
	words_option(
	    words, netdev->place, "-netdev", netdev_backends[netdev->backend]);
	words_text(words, ",id=", netdev->id);
	if (netdev->backend == NETDEV_TAP) {
		words_text(words, ",ifname=", netdev->ifname);
		words_more(words, ",script=no,downscript=no");
	}
	for (size_t i = 0; i < PROPERTIES; i++) {
		if (properties[i].before != NULL)
			words_text(words, properties[i].before,
			    property(netdev, &properties[i]));
	}
	if (netdev->restricted >= 0)
		words_more(words,
		    netdev->restricted ? ",restrict=on" : ",restrict=off");
	for (const struct forward *f = netdev->forwards; f != NULL;
	     f = f->next) {
		words_text(words, ",hostfwd=", forward_protocols[f->protocol]);
		words_text(words, ":", f->address);
		words_number(words, ":", f->host);
		words_number(words, "-:", f->guest);
	}
}

/* The device, its options in the era's order. */
static void
device_words(
    const struct machine *m, const struct netdev *netdev, struct words *words)
{
	words_option(words, netdev->place, "-device", netdev->model);
	if (!m->flavor.mac_first)
		words_text(words, ",netdev=", netdev->id);
	words_text(words, ",mac=", netdev->mac);
	words_number(words, ",vectors=", netdev->vectors);
	words_text(words, ",addr=", netdev->pci_address);
	words_number(words, ",bootindex=", netdev->boot);
	words_properties(words, netdev->options);
	if (m->flavor.mac_first)
		words_text(words, ",netdev=", netdev->id);
}

void
network_words(const struct machine *m, struct words *words)
{
	for (const struct netdev *n = m->netdevs; n != NULL; n = n->next) {
		backend_words(n, words);
		device_words(m, n, words);
	}
}
