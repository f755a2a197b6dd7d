/* SPDX-License-Identifier: Apache-2.0 */
#include <lwip/altcp.h>
#include <lwip/altcp_tcp.h>
#include <lwip/dns.h>
#include <reseal/link_lwip.h>
#include <reseal/link_lwip_tls.h>
#include <string.h>

enum {
    WRITE_MAX = 1024, /* bytes; altcp_tls cannot write more than one TLS record */
    POLL_INTERVAL = 2 /* half seconds, in which altcp_tls tries again to send */
};

static struct reseal_lwip *of(void *context) {
    return context;
}

static void fail(struct reseal_lwip *lwip, enum reseal_link_reason reason, int32_t code) {
    if (lwip->failure == RESEAL_LINK_FINE) {
        lwip->failure = reason;
        lwip->code = code;
    }
}

/* lwIP's callbacks. */

/* lwIP can be told, and before 2.2 cannot be told otherwise, to go on with a certificate that is not the broker's. */
static err_t on_connected(void *context, struct altcp_pcb *connection, err_t result) {
    (void)result; /* always ERR_OK */
    struct reseal_lwip *lwip = of(context);
    lwip->is_open = lwip->config.tls == NULL || reseal_lwip_tls_is_verified(connection);
    if (!lwip->is_open) {
        int32_t code = 0;
        const enum reseal_link_reason reason = reseal_lwip_tls_reason(connection, &code);
        fail(lwip, reason, code);
    }
    return ERR_OK;
}

static err_t on_received(void *context, struct altcp_pcb *connection, struct pbuf *bytes, err_t result) {
    (void)connection;
    (void)result;
    struct reseal_lwip *lwip = of(context);
    if (bytes == NULL) {
        lwip->is_closed = true;
    } else if (lwip->received == NULL) {
        lwip->received = bytes;
    } else {
        pbuf_cat(lwip->received, bytes); /* TCP's window limits how much that is */
    }
    return ERR_OK;
}

static enum reseal_link_reason reason_of(const struct reseal_lwip *lwip, err_t result) {
    if (result == ERR_RST) {
        return lwip->is_open ? RESEAL_LINK_RESET : RESEAL_LINK_PORT_CLOSED;
    }
    if (result == ERR_MEM || result == ERR_BUF) {
        return RESEAL_LINK_NO_MEMORY;
    }
    return result == ERR_CLSD ? RESEAL_LINK_CLOSED : RESEAL_LINK_NO_ANSWER;
}

/* lwIP has freed the connection, or does so after this. */
static void on_error(void *context, err_t result) {
    struct reseal_lwip *lwip = of(context);
    if (lwip->config.tls != NULL && !lwip->is_open && result != ERR_RST &&
        reseal_lwip_tls_has_begun(lwip->connection)) {
        int32_t code = 0;
        const enum reseal_link_reason reason = reseal_lwip_tls_reason(lwip->connection, &code);
        fail(lwip, reason, code);
    } else {
        fail(lwip, reason_of(lwip, result), result);
    }
    lwip->connection = NULL;
}

/* Not from inside a callback of the connection. RST instead of FIN: a connection that waits for the other side's answer
 * would keep the memory that the next attempt needs. */
static void drop_connection(struct reseal_lwip *lwip) {
    struct altcp_pcb *connection = lwip->connection;
    lwip->connection = NULL;
    if (connection != NULL) {
        altcp_arg(connection, NULL);
        altcp_recv(connection, NULL);
        altcp_err(connection, NULL);
        altcp_abort(connection);
    }
    if (lwip->received != NULL) {
        pbuf_free(lwip->received);
        lwip->received = NULL;
    }
}

static struct altcp_pcb *new_connection(const struct reseal_lwip *lwip, const ip_addr_t *address) {
    (void)address; /* unless there is IPv6 */
    return lwip->config.tls != NULL
               ? reseal_lwip_tls_new(lwip->config.tls, lwip->credentials, lwip->config.broker, IP_GET_TYPE(address))
               : altcp_tcp_new_ip_type(IP_GET_TYPE(address));
}

static void connect_to(struct reseal_lwip *lwip, const ip_addr_t *address) {
    struct altcp_pcb *connection = new_connection(lwip, address);
    if (connection == NULL) {
        fail(lwip, RESEAL_LINK_NO_MEMORY, 0);
        return;
    }
    lwip->connection = connection;
    altcp_arg(connection, lwip);
    altcp_recv(connection, on_received);
    altcp_err(connection, on_error);
    altcp_poll(connection, NULL, POLL_INTERVAL);
    const err_t result = altcp_connect(connection, address, lwip->config.port, on_connected);
    if (result != ERR_OK) {
        fail(lwip, reason_of(lwip, result), result);
    }
}

/* An answer to an earlier attempt serves as well: it is for the same name. */
static void on_name(const char *name, const ip_addr_t *address, void *context) {
    (void)name;
    struct reseal_lwip *lwip = of(context);
    if (!lwip->resolving) {
        return;
    }
    lwip->resolving = false;
    if (address == NULL) {
        fail(lwip, RESEAL_LINK_NO_NAME, 0);
    } else {
        connect_to(lwip, address);
    }
}

/* The driver. */

static void disconnect(void *context) {
    struct reseal_lwip *lwip = of(context);
    drop_connection(lwip);
    reseal_wipe(lwip->config.out.data, lwip->config.out.capacity); /* a password that was not sent */
    lwip->attempting = false;
    lwip->resolving = false;
    lwip->is_open = false;
    lwip->is_closed = false;
    lwip->failure = RESEAL_LINK_FINE;
    lwip->told = RESEAL_LINK_FINE;
}

static void resolve(struct reseal_lwip *lwip) {
    ip_addr_t address;
    lwip->resolving = true;
    const err_t found = dns_gethostbyname(lwip->config.broker, &address, on_name, lwip);
    if (found == ERR_INPROGRESS) {
        return;
    }
    lwip->resolving = false;
    if (found == ERR_OK) {
        connect_to(lwip, &address);
    } else {
        fail(lwip, found == ERR_MEM ? RESEAL_LINK_NO_MEMORY : RESEAL_LINK_NO_NAME, found);
    }
}

static void connect(void *context, const struct reseal_link_login *login, uint32_t now_ms) {
    struct reseal_lwip *lwip = of(context);
    disconnect(lwip);
    lwip->attempting = true;
    lwip->credentials = login->credentials;
    if (reseal_mqtt_open(&lwip->mqtt, lwip->config.in, lwip->config.out, login, now_ms)) {
        resolve(lwip);
    } else {
        fail(lwip, RESEAL_LINK_NO_MEMORY, 0);
    }
}

static enum reseal_link_sent publish(void *context, uint16_t handle, const struct reseal_message *message) {
    struct reseal_lwip *lwip = of(context);
    return lwip->is_open ? reseal_mqtt_publish(&lwip->mqtt, handle, message) : RESEAL_LINK_BUSY;
}

static bool subscribe(void *context, uint16_t handle, const char *filter) {
    struct reseal_lwip *lwip = of(context);
    return lwip->is_open && reseal_mqtt_subscribe(&lwip->mqtt, handle, filter);
}

static void consume(struct reseal_lwip *lwip, size_t taken) {
    if (taken > 0) {
        lwip->received = pbuf_free_header(lwip->received, (u16_t)taken);
        if (lwip->connection != NULL) {
            altcp_recved(lwip->connection, (u16_t)taken);
        }
    }
}

/* Also without new bytes: a message that was taken is acknowledged now. */
static bool take_received(struct reseal_lwip *lwip, uint32_t now_ms, struct reseal_link_event *event) {
    bool found = false;
    size_t taken = 0;
    do {
        struct reseal_bytes bytes = {NULL, 0};
        if (lwip->received != NULL) {
            bytes = (struct reseal_bytes){lwip->received->payload, lwip->received->len};
        }
        found = reseal_mqtt_take(&lwip->mqtt, bytes, now_ms, &taken, event);
        consume(lwip, taken);
    } while (!found && taken > 0 && lwip->received != NULL);
    return found;
}

static bool write_some(struct reseal_lwip *lwip, uint32_t now_ms) {
    const size_t room = altcp_sndbuf(lwip->connection);
    size_t size = lwip->mqtt.out.size;
    size = size < room ? size : room;
    size = size < WRITE_MAX ? size : WRITE_MAX;
    if (size == 0) {
        return false;
    }
    const err_t result = altcp_write(lwip->connection, lwip->mqtt.out.data, (u16_t)size, TCP_WRITE_FLAG_COPY);
    if (result == ERR_OK) {
        reseal_mqtt_sent(&lwip->mqtt, size, now_ms);
    } else if (result != ERR_MEM) {
        fail(lwip, RESEAL_LINK_RESET, result);
    }
    return result == ERR_OK;
}

static void flush(struct reseal_lwip *lwip, uint32_t now_ms) {
    bool written = false;
    while (lwip->connection != NULL && write_some(lwip, now_ms)) {
        written = true;
    }
    if (written && lwip->connection != NULL) {
        (void)altcp_output(lwip->connection);
    }
}

static enum reseal_link_reason waits_for(const struct reseal_lwip *lwip) {
    if (lwip->resolving) {
        return RESEAL_LINK_NO_NAME;
    }
    if (lwip->is_open) {
        return RESEAL_LINK_NO_CONNACK;
    }
    return lwip->config.tls != NULL && reseal_lwip_tls_has_begun(lwip->connection) ? RESEAL_LINK_TLS_NO_ANSWER
                                                                                   : RESEAL_LINK_NO_ANSWER;
}

static bool tell_waits(struct reseal_lwip *lwip, struct reseal_link_event *event) {
    const enum reseal_link_reason now = waits_for(lwip);
    if (lwip->mqtt.connected || now == lwip->told) {
        return false;
    }
    lwip->told = now;
    event->kind = RESEAL_LINK_EVENT_WAITS;
    event->reason = now;
    return true;
}

static bool end(struct reseal_lwip *lwip, struct reseal_link_event *event) {
    event->kind = RESEAL_LINK_EVENT_LOST;
    event->reason = lwip->failure;
    event->code = lwip->code;
    disconnect(lwip);
    return true;
}

/* What arrived before the end counts. */
static void find_end(struct reseal_lwip *lwip, uint32_t now_ms) {
    if (lwip->received != NULL) {
        return;
    }
    if (lwip->is_closed) {
        fail(lwip, RESEAL_LINK_CLOSED, 0);
    } else if (!reseal_mqtt_tend(&lwip->mqtt, now_ms)) {
        fail(lwip, RESEAL_LINK_NO_PINGRESP, 0);
    }
}

static void take_note(struct reseal_lwip *lwip, const struct reseal_link_event *event) {
    if (event->kind == RESEAL_LINK_EVENT_LOST) {
        disconnect(lwip);
    } else if (event->kind == RESEAL_LINK_EVENT_CONNECTED && lwip->config.tls != NULL && lwip->connection != NULL) {
        reseal_lwip_tls_keep(lwip->config.tls, lwip->connection);
    }
}

static bool poll(void *context, uint32_t now_ms, struct reseal_link_event *event) {
    struct reseal_lwip *lwip = of(context);
    if (!lwip->attempting) {
        return false;
    }
    if (lwip->is_open && take_received(lwip, now_ms, event)) {
        take_note(lwip, event);
        return true;
    }
    find_end(lwip, now_ms);
    if (lwip->is_open && lwip->failure == RESEAL_LINK_FINE) {
        flush(lwip, now_ms);
    }
    return lwip->failure != RESEAL_LINK_FINE && lwip->received == NULL ? end(lwip, event) : tell_waits(lwip, event);
}

static void join(void *context, uint32_t now_ms) {
    const struct reseal_lwip_network *network = &of(context)->config.network;
    network->join(network->context, now_ms);
}

static enum reseal_link_network network(void *context, uint32_t now_ms) {
    const struct reseal_lwip_network *below = &of(context)->config.network;
    return below->state(below->context, now_ms);
}

const struct reseal_link_driver *reseal_lwip_open(struct reseal_lwip *lwip, const struct reseal_lwip_config *config) {
    if (lwip == NULL || config == NULL || config->broker == NULL || config->network.join == NULL ||
        config->network.state == NULL || config->in.data == NULL || config->out.data == NULL) {
        return NULL;
    }
    memset(lwip, 0, sizeof *lwip);
    lwip->config = *config;
    lwip->driver = (struct reseal_link_driver){lwip, join, network, connect, publish, subscribe, poll, disconnect};
    return &lwip->driver;
}
