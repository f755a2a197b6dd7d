/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link's driver over lwIP 2.1 or later (NO_SYS 1, raw API): TCP, or TLS through altcp_tls and mbedTLS, and DNS. It
 * has an MQTT client of its own, because lwIP's hangs or ends the connection at what a network may send (decision
 * 0061).
 *
 *   static struct reseal_lwip lwip;
 *   const struct reseal_link_driver *driver = reseal_lwip_open(&lwip, &config);
 *
 * lwIP's callbacks only queue what arrives; the rest happens in reseal_link_step. All of lwIP must run in the thread of
 * that call, as with pico_cyw43_arch_lwip_poll. lwIP's own heap is used; the driver has none.
 */
#ifndef RESEAL_LINK_LWIP_H
#define RESEAL_LINK_LWIP_H

#include <reseal/link_mqtt.h>

#ifdef __cplusplus
extern "C" {
#endif

struct altcp_pcb;
struct pbuf;
struct reseal_lwip_tls;

/* Wi-Fi, or whatever is below lwIP: `join` and `network` as struct reseal_link_driver requires them. */
struct reseal_lwip_network {
    void *context;
    void (*join)(void *context, uint32_t now_ms);
    enum reseal_link_network (*state)(void *context, uint32_t now_ms);
};

struct reseal_lwip_config {
    const char *broker; /* name or address; with TLS the broker's certificate must carry it */
    uint16_t port;
    struct reseal_lwip_tls *tls; /* reseal/link_lwip_tls.h; it must stay; null: no TLS */
    struct reseal_lwip_network network;
    struct reseal_buffer
        in; /* memory for the largest sealed message that arrives; larger ones are dropped and counted */
    struct reseal_buffer
        out; /* for what waits to be sent: at least CONNECT (300 bytes), and the largest message + 200 */
};

/* The caller allocates it; treat it as opaque. */
struct reseal_lwip {
    struct reseal_lwip_config config;
    struct reseal_link_driver driver;
    struct reseal_mqtt mqtt;
    const struct reseal_credentials *credentials; /* of this attempt's login */
    struct altcp_pcb *connection;                 /* null: none */
    struct pbuf *received;                        /* not yet parsed */
    enum reseal_link_reason failure;              /* to be told */
    int32_t code;
    enum reseal_link_reason told; /* of the last event WAITS */
    bool attempting;              /* or connected */
    bool resolving;
    bool is_open;   /* TCP, and TLS if there is any, are through */
    bool is_closed; /* by the other side */
};

/*
 * Copies the configuration; what it points to must outlive the driver, and so must `lwip`, for ever: DNS may still call
 * it. Returns null if a pointer is missing.
 */
const struct reseal_link_driver *reseal_lwip_open(struct reseal_lwip *lwip, const struct reseal_lwip_config *config);

#ifdef __cplusplus
}
#endif
#endif
