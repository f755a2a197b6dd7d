/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DHCP server (RFC 2131) for the device's own access point: packets in, packets out. It leases 192.168.4.2 to .9, for
 * an hour each, and names the device, 192.168.4.1, as router and DNS server: Android does not accept a network without
 * them. It is strict: it answers only well-formed requests from Ethernet clients.
 */
#ifndef VITALS_DHCP_H
#define VITALS_DHCP_H

#include <reseal/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    DHCP_LEASES = 8,
    DHCP_MAC_SIZE = 6,
    DHCP_SERVER_PORT = 67,
    DHCP_CLIENT_PORT = 68,
    DHCP_LEASE_SECONDS = 3600,
    DHCP_ANSWER_SIZE = 300 /* every answer has this size, the least that BOOTP allows */
};

struct dhcp_lease {
    uint8_t mac[DHCP_MAC_SIZE];
    bool used;
    uint32_t until; /* seconds */
};

/* Zeroed memory has no leases yet. */
struct dhcp_server {
    struct dhcp_lease leases[DHCP_LEASES];
};

/*
 * Writes the answer to `request`, to be broadcast to port 68, into `out` of DHCP_ANSWER_SIZE bytes. False if there is
 * no answer. `now` counts seconds from an arbitrary moment.
 */
bool dhcp_answer(struct dhcp_server *server, struct reseal_bytes request, uint32_t now, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
