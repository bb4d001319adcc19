#include "network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	DISCOVER = 1,
	OFFER = 2,
	REQUEST = 3,
	ACK = 5,
	/* Options of RFC 2132. */
	OPTION_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_NAMES = 6,
	OPTION_ADDRESS = 50,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_END = 255,
	TRIES = 3,
	WAIT_MS = 1000,
};

/* A message, RFC 2131 section 2; numbers in network order. */
struct message {
	uint8_t op, type, address_len, hops;
	uint32_t id;
	uint16_t seconds, flags;
	uint32_t client, yours, next_server, relay;
	uint8_t hardware[16];
	uint8_t names[192];
	uint32_t cookie;
	uint8_t options[312];
};

_Static_assert(sizeof(struct message) == 552, "no padding");

struct lease {
	uint32_t address, mask, router, names, server;
};

static int
set_up(int fd, const char *name)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -1;
	request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &request);
}

/* The first interface that is Ethernet's. */
static bool
find_interface(int fd, char name[IFNAMSIZ], uint8_t hardware[6])
{
	DIR *dir = opendir("/sys/class/net");
	const struct dirent *entry;
	bool found = false;

	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		struct ifreq request = {0};

		if (entry->d_name[0] == '.' ||
		    strlen(entry->d_name) >= IFNAMSIZ)
			continue;
		strcpy(request.ifr_name, entry->d_name);
		if (ioctl(fd, SIOCGIFHWADDR, &request) < 0 ||
		    request.ifr_hwaddr.sa_family != 1) /* ARPHRD_ETHER */
			continue;
		strcpy(name, request.ifr_name);
		memcpy(hardware, request.ifr_hwaddr.sa_data, 6);
		found = true;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static uint8_t *
put(uint8_t *at, uint8_t option, const void *value, uint8_t len)
{
	*at++ = option;
	*at++ = len;
	memcpy(at, value, len);
	return at + len;
}

static int
say(int fd, const struct message *base, uint8_t type, const struct lease *lease)
{
	const struct sockaddr_in all = {.sin_family = AF_INET,
	    .sin_port = htons(67),
	    .sin_addr.s_addr = htonl(INADDR_BROADCAST)};
	struct message m = *base;
	uint8_t *at = put(m.options, OPTION_TYPE, &type, 1);

	if (type == REQUEST) {
		at = put(at, OPTION_ADDRESS, &lease->address, 4);
		at = put(at, OPTION_SERVER, &lease->server, 4);
	}
	*at = OPTION_END;
	return sendto(fd, &m, sizeof(m), 0, (const struct sockaddr *)&all,
		   sizeof(all)) == (ssize_t)sizeof(m)
		   ? 0
		   : -1;
}

/* Takes the options of an answer apart. Returns its type, 0 for none. */
static uint8_t
take_options(const struct message *m, size_t len, struct lease *lease)
{
	size_t end = len - offsetof(struct message, options), i = 0;
	uint8_t type = 0;

	while (i + 1 < end && m->options[i] != OPTION_END) {
		const uint8_t *value = m->options + i + 2;
		uint8_t option = m->options[i], size = m->options[i + 1];

		if (option == 0) { /* padding has no length */
			i++;
			continue;
		}
		if (i + 2 + size > end)
			return 0;
		if (option == OPTION_TYPE && size >= 1)
			type = value[0];
		else if (option == OPTION_MASK && size >= 4)
			memcpy(&lease->mask, value, 4);
		else if (option == OPTION_ROUTER && size >= 4)
			memcpy(&lease->router, value, 4);
		else if (option == OPTION_NAMES && size >= 4)
			memcpy(&lease->names, value, 4);
		else if (option == OPTION_SERVER && size >= 4)
			memcpy(&lease->server, value, 4);
		i += 2U + size;
	}
	return type;
}

/* Waits for an answer of that type. */
static int
hear(int fd, const struct message *asked, uint8_t type, struct lease *lease)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	struct message m;

	while (poll(&poller, 1, WAIT_MS) > 0) {
		ssize_t n = recv(fd, &m, sizeof(m), 0);

		if (n < (ssize_t)offsetof(struct message, options) ||
		    m.op != 2 || m.id != asked->id)
			continue;
		lease->address = m.yours;
		if (take_options(&m, (size_t)n, lease) == type)
			return 0;
	}
	return -1;
}

static int
ask(int fd, const uint8_t hardware[6], struct lease *lease)
{
	struct message m = {.op = 1,
	    .type = 1,
	    .address_len = 6,
	    .flags = htons(0x8000), /* answer to all: we have no address */
	    .cookie = htonl(0x63825363)};

	memcpy(m.hardware, hardware, 6);
	if (getrandom(&m.id, sizeof(m.id), GRND_NONBLOCK) < 0)
		m.id = (uint32_t)time(NULL);
	for (int i = 0; i < TRIES; i++)
		if (say(fd, &m, DISCOVER, lease) == 0 &&
		    hear(fd, &m, OFFER, lease) == 0 &&
		    say(fd, &m, REQUEST, lease) == 0 &&
		    hear(fd, &m, ACK, lease) == 0)
			return 0;
	return -1;
}

static int
open_client(const char *name)
{
	const struct sockaddr_in here = {
	    .sin_family = AF_INET, .sin_port = htons(68)};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
		(socklen_t)strlen(name)) == 0 &&
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void
set_address(int fd, unsigned long request, struct ifreq *r, uint32_t value)
{
	const struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = value};

	memcpy(&r->ifr_addr, &address, sizeof(address));
	ioctl(fd, request, r);
}

static void
use(int fd, const char *name, const struct lease *lease)
{
	struct ifreq r = {0};
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
	const struct sockaddr_in any = {.sin_family = AF_INET},
				 router = {.sin_family = AF_INET,
				     .sin_addr.s_addr = lease->router};
	char text[INET_ADDRSTRLEN];

	snprintf(r.ifr_name, IFNAMSIZ, "%s", name);
	set_address(fd, SIOCSIFADDR, &r, lease->address);
	set_address(fd, SIOCSIFNETMASK, &r, lease->mask);
	memcpy(&route.rt_dst, &any, sizeof(any));
	memcpy(&route.rt_genmask, &any, sizeof(any));
	memcpy(&route.rt_gateway, &router, sizeof(router));
	if (lease->router != 0)
		ioctl(fd, SIOCADDRT, &route);
	if (lease->names == 0)
		return;
	/* The host's is a link, often, to what is not here. */
	unlink("/etc/resolv.conf");
	FILE *f = fopen("/etc/resolv.conf", "we");
	if (f != NULL) {
		fprintf(f, "nameserver %s\n",
		    inet_ntop(AF_INET, &lease->names, text, sizeof(text)));
		fclose(f);
	}
}

void
network_start(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[IFNAMSIZ];
	uint8_t hardware[6];
	struct lease lease = {0};

	if (fd < 0)
		return;
	set_up(fd, "lo");
	if (find_interface(fd, name, hardware) && set_up(fd, name) == 0) {
		int client = open_client(name);

		if (client >= 0 && ask(client, hardware, &lease) == 0)
			use(fd, name, &lease);
		if (client >= 0)
			close(client);
	}
	close(fd);
}
