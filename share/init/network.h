#ifndef NETWORK_H
#define NETWORK_H

/* Brings the loopback interface up, and the first other one with the address
 * that a DHCP server gives it (RFC 2131) within three seconds; without a server
 * it stays without an address. With an address come a default route and
 * /etc/resolv.conf. */
void network_start(void);

#endif
