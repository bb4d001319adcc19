#include "network.h"

#include "mac.h"

#include <string.h>

enum backend { BACKEND_USER, BACKEND_TAP, BACKEND_SOCKET };

static const char *const backend_names[] = {"user", "tap", "socket", NULL};
static const char *const protocol_names[] = {"tcp", "udp", NULL};

static const char *const netdev_keys[] = {"backend", "id", "model", "mac",
    "pci_address", "boot", "options", "network", "dhcpstart", "dns", "host",
    "restrict", "forwards", "ifname", "listen", "connect", "mcast", "udp",
    "localaddr", NULL};
static const char *const forward_keys[] = {
    "guest", "host", "protocol", "address", NULL};

/* Keys that become a property of -netdev. */
struct property {
	enum backend backend;
	const char *key, *name;
};

static const struct property properties[] = {
    {BACKEND_USER, "network", "net"},
    {BACKEND_USER, "dhcpstart", "dhcpstart"},
    {BACKEND_USER, "dns", "dns"},
    {BACKEND_USER, "host", "host"},
    {BACKEND_TAP, "ifname", NULL},
    {BACKEND_SOCKET, "listen", "listen"},
    {BACKEND_SOCKET, "connect", "connect"},
    {BACKEND_SOCKET, "mcast", "mcast"},
    {BACKEND_SOCKET, "udp", "udp"},
    {BACKEND_SOCKET, "localaddr", "localaddr"},
};

struct netdev {
	struct place place;
	const char *origin;
	enum backend backend;
	const char *id, *model, *ifname;
	const char *mac; /* NULL: the emulator's own */
};

const char *
network_mac(struct build *build, const struct place *place, unsigned i,
    const char *absent)
{
	struct mac mac;
	struct reason what;
	const char *text = place_text(place, "mac", absent);

	if (text == NULL)
		return NULL;
	if (mac_parse(text, i, &mac, &what) < 0) {
		place_fault(place, "mac", "%s", what.text);
		return NULL;
	}
	return words_scratch(&build->words, "%s", mac.text);
}

static const char *
tap_name(struct build *build)
{
	struct mac mac = {0};
	struct reason what;
	char name[16];
	const char *key = place_text(&build->root, "tap", NULL);
	const char *text = place_text(&build->root, "mac", MAC_BOTANIST);

	if (mac_parse(text, 0, &mac, &what) < 0)
		place_fault(&build->root, "mac", "%s", what.text);
	mac_tap(&mac, key, name, sizeof(name));
	return words_scratch(&build->words, "%s", name);
}

static void
add_forward(struct build *build, const struct place *forward)
{
	const char *address = place_text(forward, "address", "");
	int protocol = place_choice(forward, "protocol", protocol_names, 0);

	place_check(forward, forward_keys, true);
	for (size_t i = 0; i < 2; i++) {
		if (!place_has(forward, forward_keys[i]))
			place_fault(forward, forward_keys[i], "missing");
	}
	int64_t guest = place_integer(forward, "guest", 1, 65535, 1);
	int64_t host = place_integer(forward, "host", 0, 65535, 1);
	words_more(&build->words, ",hostfwd=%s:%s:%lld-:%lld",
	    protocol_names[protocol], words_commas(&build->words, address),
	    (long long)host, (long long)guest);
}

static void
add_properties(struct build *build, const struct netdev *netdev)
{
	const struct place *place = &netdev->place;

	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]);
	     i++) {
		const struct property *p = &properties[i];
		const char *value = place_text(place, p->key, NULL);

		if (value == NULL)
			continue;
		if (p->backend != netdev->backend)
			place_fault(place, p->key,
			    "is for backend \"%s\", not \"%s\"",
			    backend_names[p->backend],
			    backend_names[netdev->backend]);
		else if (p->name != NULL)
			words_more(&build->words, ",%s=%s", p->name,
			    words_commas(&build->words, value));
	}
	if (place_has(place, "restrict"))
		words_more(&build->words, ",restrict=%s",
		    place_bool(place, "restrict", false) ? "on" : "off");
	json_t *forwards = place_array(place, "forwards");
	if (netdev->backend != BACKEND_USER &&
	    (forwards != NULL || place_has(place, "restrict")))
		place_fault(place, forwards != NULL ? "forwards" : "restrict",
		    "is for backend \"user\"");
	for (size_t i = 0; i < json_array_size(forwards); i++) {
		struct place forward =
		    place_element(place, "forwards", forwards, i);

		add_forward(build, &forward);
	}
}

static void
add_backend(struct build *build, const struct netdev *netdev)
{
	struct words *words = &build->words;

	words_option(words, netdev->origin, "-netdev", "%s,id=%s",
	    backend_names[netdev->backend], netdev->id);
	if (netdev->backend == BACKEND_TAP)
		words_more(words, ",ifname=%s,script=no,downscript=no",
		    words_commas(words, netdev->ifname));
	if (netdev->place.object != NULL)
		add_properties(build, netdev);
}

/* The device, its options in the era's order. vectors may be NULL. */
static void
add_device(
    struct build *build, const struct netdev *netdev, const char *vectors)
{
	struct words *words = &build->words;
	const struct place *place = &netdev->place;
	bool mac_first =
	    build->guest == GUEST_FUCHSIA && build->flavor->mac_first;

	words_option(words, netdev->origin, "-device", "%s", netdev->model);
	if (!mac_first)
		words_more(words, ",netdev=%s", netdev->id);
	if (netdev->mac != NULL)
		words_more(words, ",mac=%s", netdev->mac);
	if (vectors != NULL)
		words_more(words, ",vectors=%s", vectors);
	if (place->object != NULL) {
		const char *address = place_text(place, "pci_address", NULL);
		int64_t boot = place_integer(place, "boot", 0, INT32_MAX, -1);

		if (address != NULL)
			words_more(words, ",addr=%s", address);
		if (boot >= 0)
			words_more(words, ",bootindex=%lld", (long long)boot);
		build_options(build, place);
	}
	if (mac_first)
		words_more(words, ",netdev=%s", netdev->id);
	build->has_net = true;
}

static void
add_netdev(struct build *build, size_t i, unsigned index)
{
	json_t *array = json_object_get(build->root.object, "netdevs");
	struct netdev netdev = {
	    .place = place_element(&build->root, "netdevs", array, i)};
	const struct place *place = &netdev.place;
	const char *first = NULL;

	place_check(place, netdev_keys, true);
	place_need(place, "backend");
	int backend = place_choice(place, "backend", backend_names, 0);
	netdev.backend = (enum backend)backend;
	netdev.origin = build_origin(build, place, "");
	netdev.id = build_id(build, place, "net", index);
	netdev.model =
	    place_text(place, "model", build_virtio(build, "virtio-net"));
	if (index == 0)
		first = place_text(&build->root, "mac", NULL);
	netdev.mac = network_mac(build, place, index, first);
	if (netdev.backend == BACKEND_TAP)
		netdev.ifname = place_text(place, "ifname", tap_name(build));
	if (build->reader.failed)
		return;
	add_backend(build, &netdev);
	add_device(build, &netdev, NULL);
}

/* The device that user_networking speaks of. */
static void
add_first(struct build *build, bool user)
{
	bool fuchsia = build->guest == GUEST_FUCHSIA;
	struct netdev netdev = {
	    .origin = place_has(&build->root, "user_networking")
			  ? "user_networking"
			  : build->rule,
	    .backend = user ? BACKEND_USER : BACKEND_TAP,
	    .id = "net0",
	    .model = build_virtio(build, "virtio-net"),
	    .mac = network_mac(
		build, &build->root, 0, fuchsia ? MAC_BOTANIST : NULL),
	    .ifname = user ? NULL : tap_name(build),
	};

	if (build->reader.failed)
		return;
	build_take_id(build, "net", netdev.id);
	add_backend(build, &netdev);
	add_device(build, &netdev, fuchsia ? build->flavor->vectors : NULL);
}

void
network_add(struct build *build)
{
	const json_t *array = place_array(&build->root, "netdevs");
	bool user = place_bool(&build->root, "user_networking", false);
	unsigned index = 0;

	if (user || (build->guest == GUEST_FUCHSIA && array == NULL)) {
		add_first(build, user);
		index = 1;
	}
	for (size_t i = 0; i < json_array_size(array); i++)
		add_netdev(build, i, index++);
}
