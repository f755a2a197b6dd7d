/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp.h"

#include <string.h>

enum {
    /* Places in a BOOTP packet. */
    AT_TRANSACTION = 4,
    AT_FLAGS = 10,
    AT_CLIENT_ADDRESS = 12,
    AT_YOUR_ADDRESS = 16,
    AT_SERVER_ADDRESS = 20,
    AT_RELAY_ADDRESS = 24,
    AT_MAC = 28,
    AT_COOKIE = 236,
    AT_OPTIONS = 240,

    PACKET_MAX = 1500,
    REQUEST = 1,
    ANSWER = 2,
    ETHERNET = 1,

    /* Options, and the message types in OPTION_TYPE. */
    OPTION_PAD = 0,
    OPTION_MASK = 1,
    OPTION_ROUTER = 3,
    OPTION_DNS = 6,
    OPTION_WANTED = 50,
    OPTION_LEASE = 51,
    OPTION_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_END = 255,
    DISCOVER = 1,
    OFFER = 2,
    ASK = 3,
    ACK = 5,
    NAK = 6,
    RELEASE = 7,

    ADDRESS_SIZE = 4,
    FIRST_HOST = 2
};

static const uint8_t cookie[] = {0x63, 0x82, 0x53, 0x63};
static const uint8_t nobody[ADDRESS_SIZE] = {0, 0, 0, 0};
static const uint8_t ourselves[ADDRESS_SIZE] = {192, 168, 4, 1};
static const uint8_t mask[ADDRESS_SIZE] = {255, 255, 255, 0};

/* The relevant parts of a request. Borrowed from the packet; null if absent. */
struct wish {
    uint8_t type;
    const uint8_t *mac;
    const uint8_t *wanted;
    const uint8_t *server;
};

/* One option; false if it is one of ours with a wrong size, or comes twice. */
static bool take_option(struct wish *wish, uint8_t code, const uint8_t *value, size_t size) {
    if (code == OPTION_TYPE) {
        const bool right = size == 1 && wish->type == 0 && value[0] != 0;
        wish->type = right ? value[0] : wish->type;
        return right;
    }
    if (code != OPTION_WANTED && code != OPTION_SERVER) {
        return true;
    }
    const uint8_t **place = code == OPTION_WANTED ? &wish->wanted : &wish->server;
    const bool right = size == ADDRESS_SIZE && *place == NULL;
    *place = value;
    return right;
}

static bool take_options(struct wish *wish, struct reseal_bytes packet) {
    size_t at = AT_OPTIONS;
    while (at < packet.size && packet.data[at] != OPTION_END) {
        if (packet.data[at] == OPTION_PAD) {
            at++;
            continue;
        }
        if (packet.size - at < 2 || packet.size - at - 2 < packet.data[at + 1] ||
            !take_option(wish, packet.data[at], packet.data + at + 2, packet.data[at + 1])) {
            return false;
        }
        at += 2U + packet.data[at + 1];
    }
    return at < packet.size && wish->type != 0;
}

/* From an Ethernet client on this network, without a relay. */
static bool parse(struct reseal_bytes packet, struct wish *out) {
    memset(out, 0, sizeof *out);
    if (packet.size <= AT_OPTIONS || packet.size > PACKET_MAX || packet.data[0] != REQUEST ||
        packet.data[1] != ETHERNET || packet.data[2] != DHCP_MAC_SIZE ||
        memcmp(packet.data + AT_RELAY_ADDRESS, nobody, ADDRESS_SIZE) != 0 ||
        memcmp(packet.data + AT_COOKIE, cookie, sizeof cookie) != 0) {
        return false;
    }
    out->mac = packet.data + AT_MAC;
    if (!take_options(out, packet)) {
        return false;
    }
    if (out->wanted == NULL && memcmp(packet.data + AT_CLIENT_ADDRESS, nobody, ADDRESS_SIZE) != 0) {
        out->wanted = packet.data + AT_CLIENT_ADDRESS; /* it renews */
    }
    return true;
}

static struct dhcp_lease *lease_of(struct dhcp_server *server, const uint8_t *mac) {
    for (size_t i = 0; i < DHCP_LEASES; i++) {
        if (server->leases[i].used && memcmp(server->leases[i].mac, mac, DHCP_MAC_SIZE) == 0) {
            return &server->leases[i];
        }
    }
    return NULL;
}

/* The client's own, or a free one; null if all are taken. */
static struct dhcp_lease *find_lease(struct dhcp_server *server, const uint8_t *mac, uint32_t now) {
    struct dhcp_lease *lease = lease_of(server, mac);
    for (size_t i = 0; lease == NULL && i < DHCP_LEASES; i++) {
        struct dhcp_lease *other = &server->leases[i];
        if (!other->used || (int32_t)(now - other->until) >= 0) {
            lease = other;
        }
    }
    return lease;
}

static void take_lease(struct dhcp_lease *lease, const uint8_t *mac, uint32_t now) {
    memcpy(lease->mac, mac, DHCP_MAC_SIZE);
    lease->used = true;
    lease->until = now + DHCP_LEASE_SECONDS;
}

static uint8_t *put_option(uint8_t *at, uint8_t code, const uint8_t *value, uint8_t size) {
    *at++ = code;
    *at++ = size;
    memcpy(at, value, size);
    return at + size;
}

/* `lease` is null for a NAK. */
static void write_answer(const struct dhcp_server *server, const uint8_t *request, uint8_t type,
                         const struct dhcp_lease *lease, uint8_t *out) {
    static const uint8_t seconds[] = {0, 0, DHCP_LEASE_SECONDS >> 8, DHCP_LEASE_SECONDS & 0xFF};
    memset(out, 0, DHCP_ANSWER_SIZE);
    out[0] = ANSWER;
    out[1] = ETHERNET;
    out[2] = DHCP_MAC_SIZE;
    memcpy(out + AT_TRANSACTION, request + AT_TRANSACTION, 4);
    memcpy(out + AT_FLAGS, request + AT_FLAGS, 2);
    memcpy(out + AT_MAC, request + AT_MAC, DHCP_MAC_SIZE);
    memcpy(out + AT_COOKIE, cookie, sizeof cookie);
    uint8_t *at = put_option(out + AT_OPTIONS, OPTION_TYPE, &type, 1);
    at = put_option(at, OPTION_SERVER, ourselves, ADDRESS_SIZE);
    if (lease != NULL) {
        memcpy(out + AT_YOUR_ADDRESS, ourselves, ADDRESS_SIZE);
        out[AT_YOUR_ADDRESS + 3] = (uint8_t)(FIRST_HOST + (lease - server->leases));
        memcpy(out + AT_SERVER_ADDRESS, ourselves, ADDRESS_SIZE);
        at = put_option(at, OPTION_LEASE, seconds, sizeof seconds);
        at = put_option(at, OPTION_MASK, mask, ADDRESS_SIZE);
        at = put_option(at, OPTION_ROUTER, ourselves, ADDRESS_SIZE);
        at = put_option(at, OPTION_DNS, ourselves, ADDRESS_SIZE);
    }
    *at = OPTION_END;
}

static bool is_address_of(const struct dhcp_server *server, const struct dhcp_lease *lease, const uint8_t *address) {
    return address != NULL && memcmp(address, ourselves, ADDRESS_SIZE - 1) == 0 &&
           address[3] == FIRST_HOST + (lease - server->leases);
}

bool dhcp_answer(struct dhcp_server *server, struct reseal_bytes request, uint32_t now, uint8_t *out) {
    struct wish wish;
    if (!parse(request, &wish) || (wish.server != NULL && memcmp(wish.server, ourselves, ADDRESS_SIZE) != 0)) {
        return false;
    }
    if (wish.type == RELEASE) {
        struct dhcp_lease *own = lease_of(server, wish.mac);
        if (own != NULL) {
            own->used = false;
        }
        return false;
    }
    struct dhcp_lease *lease = find_lease(server, wish.mac, now);
    if ((wish.type != DISCOVER && wish.type != ASK) || lease == NULL) {
        return false;
    }
    if (wish.type == ASK && !is_address_of(server, lease, wish.wanted)) {
        write_answer(server, request.data, NAK, NULL, out);
        return true;
    }
    take_lease(lease, wish.mac, now);
    write_answer(server, request.data, wish.type == ASK ? ACK : OFFER, lease, out);
    return true;
}
