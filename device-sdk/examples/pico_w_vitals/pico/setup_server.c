/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_server.h"

#include <lwip/tcp.h>
#include <string.h>

enum { PORT = 80, CONNECTIONS = 4, WRITE_AT_ONCE = 1024, PARTS = 3 };

struct connection {
    struct tcp_pcb *pcb; /* null: free */
    uint32_t opened;     /* counts connections, to find the oldest */
    struct reseal_setup_answer answer;
    unsigned part;  /* of the answer, which is written next */
    size_t written; /* of that part */
    size_t unacked; /* bytes of the answer in flight */
    bool answering;
};

static struct reseal_setup *setup;
static struct connection connections[CONNECTIONS];
static uint32_t opened;

static void forget(struct connection *connection) {
    reseal_setup_end(setup, connection);
    memset(connection, 0, sizeof *connection);
}

/* Clears the callbacks, so that lwIP reports nothing more about it. */
static struct tcp_pcb *detach(struct connection *connection) {
    struct tcp_pcb *pcb = connection->pcb;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_err(pcb, NULL);
    forget(connection);
    return pcb;
}

static void reset(struct connection *connection) {
    tcp_abort(detach(connection));
}

static void finish(struct connection *connection) {
    struct tcp_pcb *pcb = detach(connection);
    if (tcp_close(pcb) != ERR_OK) {
        tcp_abort(pcb);
    }
}

/* Writes as much as lwIP has room for. False if the connection is no longer usable. */
static bool write_more(struct connection *connection) {
    while (connection->part < PARTS) {
        const struct reseal_bytes part = connection->answer.parts[connection->part];
        const size_t left = part.size - connection->written;
        const size_t room = tcp_sndbuf(connection->pcb);
        size_t size = left < WRITE_AT_ONCE ? left : WRITE_AT_ONCE;
        size = size < room ? size : room;
        if (left == 0) {
            connection->part++;
            connection->written = 0;
            continue;
        }
        if (size == 0) {
            break;
        }
        const err_t result =
            tcp_write(connection->pcb, part.data + connection->written, (u16_t)size, TCP_WRITE_FLAG_COPY);
        if (result == ERR_MEM) {
            break; /* again when some of it is acknowledged */
        }
        if (result != ERR_OK) {
            return false;
        }
        connection->written += size;
        connection->unacked += size;
    }
    return tcp_output(connection->pcb) == ERR_OK;
}

/* True if the connection still exists. If not, lwIP must get ERR_ABRT, since reset aborts. */
static bool obey(struct connection *connection, enum reseal_setup_verdict verdict) {
    if (verdict == RESEAL_SETUP_ANSWER) {
        connection->answering = true;
        verdict = write_more(connection) ? RESEAL_SETUP_WAIT : RESEAL_SETUP_DROP;
    }
    if (verdict == RESEAL_SETUP_DROP) {
        reset(connection);
        return false;
    }
    return true;
}

static err_t on_bytes(void *context, struct tcp_pcb *pcb, struct pbuf *bytes, err_t result) {
    struct connection *connection = context;
    (void)result;
    if (bytes == NULL) {
        if (!connection->answering) {
            finish(connection);
        }
        return ERR_OK;
    }
    bool open = true;
    for (const struct pbuf *part = bytes; part != NULL && open && !connection->answering; part = part->next) {
        open = obey(connection, reseal_setup_feed(setup, connection, (struct reseal_bytes){part->payload, part->len},
                                                  &connection->answer));
    }
    if (open) {
        tcp_recved(pcb, bytes->tot_len);
    }
    pbuf_free(bytes);
    return open ? ERR_OK : ERR_ABRT;
}

/* Closes once the whole answer has arrived. */
static err_t on_sent(void *context, struct tcp_pcb *pcb, u16_t size) {
    struct connection *connection = context;
    (void)pcb;
    connection->unacked -= size;
    if (!write_more(connection)) {
        reset(connection);
        return ERR_ABRT;
    }
    if (connection->part == PARTS && connection->unacked == 0) {
        finish(connection);
    }
    return ERR_OK;
}

/* lwIP has freed it already. */
static void on_error(void *context, err_t result) {
    (void)result;
    forget(context);
}

/* A free place, or that of the oldest connection not being served: browsers open connections in advance. */
static struct connection *find_place(void) {
    struct connection *oldest = NULL;
    for (struct connection *each = connections; each < connections + CONNECTIONS; each++) {
        if (each->pcb == NULL) {
            return each;
        }
        if (each != reseal_setup_client(setup) && (oldest == NULL || each->opened < oldest->opened)) {
            oldest = each;
        }
    }
    reset(oldest); /* it exists: at most one is being served */
    return oldest;
}

static err_t on_connection(void *context, struct tcp_pcb *pcb, err_t result) {
    (void)context;
    if (result != ERR_OK || pcb == NULL) {
        return ERR_VAL;
    }
    struct connection *connection = find_place();
    connection->pcb = pcb;
    connection->opened = ++opened;
    tcp_arg(pcb, connection);
    tcp_recv(pcb, on_bytes);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_error);
    return ERR_OK;
}

bool setup_server_open(struct reseal_setup *served) {
    setup = served;
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
    if (pcb == NULL || tcp_bind(pcb, IP_ANY_TYPE, PORT) != ERR_OK) {
        return false;
    }
    struct tcp_pcb *listener = tcp_listen_with_backlog(pcb, CONNECTIONS);
    if (listener == NULL) {
        return false;
    }
    tcp_accept(listener, on_connection);
    return true;
}

void setup_server_step(uint32_t milliseconds) {
    struct connection *client = (struct connection *)(uintptr_t)reseal_setup_client(setup);
    if (client != NULL) {
        (void)obey(client, reseal_setup_elapsed(setup, milliseconds, &client->answer));
    }
    /* If lwIP had no memory and nothing is in flight, no acknowledgement will trigger the next write. */
    for (struct connection *each = connections; each < connections + CONNECTIONS; each++) {
        if (each->answering && !write_more(each)) {
            reset(each);
        }
    }
}
