/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <reseal/link_mosquitto.h>
#include <stdlib.h>
#include <string.h>

enum { KEEPALIVE_SECONDS = 30, DENIED = 0x80 };

/* Followed by payload and topic. */
struct reseal_mosquitto_event {
    struct reseal_link_event event;
    struct reseal_mosquitto_event *next;
    uint8_t memory[];
};

static struct reseal_mosquitto *of(void *context) {
    return context;
}

static struct reseal_mosquitto_event *add(struct reseal_mosquitto *self, enum reseal_link_event_kind kind,
                                          size_t memory) {
    struct reseal_mosquitto_event *made = calloc(1, sizeof *made + memory);
    if (made == NULL) {
        return NULL;
    }
    made->event.kind = kind;
    struct reseal_mosquitto_event **last = &self->first;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = made;
    return made;
}

/* A connection ends once: what libmosquitto reports after that is ignored. */
static void end(struct reseal_mosquitto *self, enum reseal_link_reason reason, int code) {
    struct reseal_mosquitto_event *made = self->ended ? NULL : add(self, RESEAL_LINK_EVENT_LOST, 0);
    if (made != NULL) {
        made->event.reason = reason;
        made->event.code = code;
    }
    self->ended = true;
}

static enum reseal_link_reason reason_of_errno(int number) {
    if (number == ECONNREFUSED) {
        return RESEAL_LINK_PORT_CLOSED;
    }
    return number == ECONNRESET || number == EPIPE ? RESEAL_LINK_RESET : RESEAL_LINK_NO_ANSWER;
}

static enum reseal_link_reason reason_of(const struct reseal_mosquitto *self, int result, int number) {
    if (self->tls_fault != RESEAL_LINK_FINE && !self->connected) {
        return self->tls_fault;
    }
    switch (result) {
        case MOSQ_ERR_EAI:
            return RESEAL_LINK_NO_NAME;
        case MOSQ_ERR_ERRNO:
            return reason_of_errno(number);
        case MOSQ_ERR_TLS:
            return RESEAL_LINK_TLS_FAILED;
        case MOSQ_ERR_NOMEM:
            return RESEAL_LINK_NO_MEMORY;
        case MOSQ_ERR_KEEPALIVE:
            return RESEAL_LINK_NO_PINGRESP;
        case MOSQ_ERR_PROTOCOL:
        case MOSQ_ERR_MALFORMED_PACKET:
            return RESEAL_LINK_BAD_PACKET;
        default:
            return RESEAL_LINK_CLOSED;
    }
}

static void end_with(struct reseal_mosquitto *self, int result) {
    const int number = errno;
    end(self, reason_of(self, result, number), result == MOSQ_ERR_ERRNO ? number : result);
}

/* The handle of libmosquitto's packet id, which is then free; 0: none. */
static uint16_t take_request(struct reseal_mosquitto *self, int id) {
    uint16_t handle = 0;
    for (size_t i = 0; i < RESEAL_MOSQUITTO_REQUESTS; i++) {
        if (self->requests[i].id == id) {
            handle = self->requests[i].handle;
            self->requests[i].id = 0;
        }
    }
    return handle;
}

static int *free_request(struct reseal_mosquitto *self, uint16_t handle) {
    for (size_t i = 0; i < RESEAL_MOSQUITTO_REQUESTS; i++) {
        if (self->requests[i].id == 0) {
            self->requests[i].handle = handle;
            return &self->requests[i].id;
        }
    }
    return NULL;
}

/* libmosquitto's callbacks, inside mosquitto_loop. */

static void on_connect(struct mosquitto *handle, void *context, int code) {
    (void)handle;
    struct reseal_mosquitto *self = of(context);
    if (code == 0) {
        self->connected = true;
        (void)add(self, RESEAL_LINK_EVENT_CONNECTED, 0);
        return;
    }
    const int reason = RESEAL_LINK_REFUSED_VERSION + code - 1;
    end(self, reason < RESEAL_LINK_REFUSED_OTHER ? (enum reseal_link_reason)reason : RESEAL_LINK_REFUSED_OTHER, code);
}

static void on_disconnect(struct mosquitto *handle, void *context, int result) {
    (void)handle;
    end_with(of(context), result);
}

static void answer(struct reseal_mosquitto *self, enum reseal_link_event_kind kind, int id) {
    const uint16_t number = take_request(self, id);
    struct reseal_mosquitto_event *made = number == 0 ? NULL : add(self, kind, 0);
    if (made != NULL) {
        made->event.handle = number;
    }
}

static void on_publish(struct mosquitto *handle, void *context, int id) {
    (void)handle;
    answer(of(context), RESEAL_LINK_EVENT_ACKNOWLEDGED, id);
}

static void on_subscribe(struct mosquitto *handle, void *context, int id, int count, const int *qos) {
    (void)handle;
    const bool granted = count == 1 && qos[0] < DENIED;
    answer(of(context), granted ? RESEAL_LINK_EVENT_GRANTED : RESEAL_LINK_EVENT_DENIED, id);
}

static void on_message(struct mosquitto *handle, void *context, const struct mosquitto_message *message) {
    (void)handle;
    struct reseal_mosquitto *self = of(context);
    const size_t size = (size_t)message->payloadlen;
    const size_t topic_size = strlen(message->topic) + 1;
    struct reseal_mosquitto_event *made = add(self, RESEAL_LINK_EVENT_RECEIVED, size + topic_size);
    if (made == NULL) {
        end(self, RESEAL_LINK_NO_MEMORY, 0);
        return;
    }
    if (size > 0) {
        memcpy(made->memory, message->payload, size);
    }
    memcpy(made->memory + size, message->topic, topic_size);
    made->event.payload = (struct reseal_bytes){made->memory, size};
    made->event.topic = (const char *)made->memory + size;
}

/* What OpenSSL found is only in libmosquitto's log. */
static void on_log(struct mosquitto *handle, void *context, int level, const char *text) {
    static const struct {
        const char *part;
        enum reseal_link_reason reason;
    } known[] = {
        {"host name verification failed", RESEAL_LINK_TLS_WRONG_NAME},
        {"certificate verify failed", RESEAL_LINK_TLS_UNTRUSTED},
        {"alert handshake failure", RESEAL_LINK_TLS_NOTHING_IN_COMMON},
        {"alert certificate required", RESEAL_LINK_TLS_NOTHING_IN_COMMON},
        {"alert protocol version", RESEAL_LINK_TLS_NOTHING_IN_COMMON},
        {"alert unknown ca", RESEAL_LINK_TLS_OWN_CERTIFICATE},
        {"alert bad certificate", RESEAL_LINK_TLS_OWN_CERTIFICATE},
        {"alert certificate", RESEAL_LINK_TLS_OWN_CERTIFICATE},
        {"OpenSSL Error", RESEAL_LINK_TLS_FAILED},
    };
    (void)handle;
    (void)level;
    struct reseal_mosquitto *self = of(context);
    for (size_t i = 0; i < sizeof known / sizeof known[0] && self->tls_fault == RESEAL_LINK_FINE; i++) {
        self->tls_fault = strstr(text, known[i].part) != NULL ? known[i].reason : RESEAL_LINK_FINE;
    }
}

/* The driver. */

static void join(void *context, uint32_t now_ms) {
    (void)context;
    (void)now_ms;
}

static enum reseal_link_network network(void *context, uint32_t now_ms) {
    (void)now_ms;
    const struct reseal_mosquitto_config *config = &of(context)->config;
    const bool up = config->has_network == NULL || config->has_network(config->context);
    return up ? RESEAL_LINK_NETWORK_UP : RESEAL_LINK_NETWORK_DOWN;
}

static void forget_told(struct reseal_mosquitto *self) {
    free(self->told);
    self->told = NULL;
}

static void disconnect(void *context) {
    struct reseal_mosquitto *self = of(context);
    self->ended = true; /* so that libmosquitto's last callbacks are ignored */
    if (self->handle != NULL) {
        (void)mosquitto_disconnect(self->handle);
        mosquitto_destroy(self->handle);
    }
    self->handle = NULL;
    while (self->first != NULL) {
        forget_told(self);
        self->told = self->first;
        self->first = self->first->next;
    }
    forget_told(self);
    memset(self->requests, 0, sizeof self->requests);
}

static int prepare(struct reseal_mosquitto *self, const struct reseal_link_login *login) {
    const struct reseal_mosquitto_config *config = &self->config;
    mosquitto_connect_callback_set(self->handle, on_connect);
    mosquitto_disconnect_callback_set(self->handle, on_disconnect);
    mosquitto_publish_callback_set(self->handle, on_publish);
    mosquitto_subscribe_callback_set(self->handle, on_subscribe);
    mosquitto_message_callback_set(self->handle, on_message);
    mosquitto_log_callback_set(self->handle, on_log);
    int result = mosquitto_int_option(self->handle, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
    if (result == MOSQ_ERR_SUCCESS && login->user != NULL) {
        result = mosquitto_username_pw_set(self->handle, login->user, login->password);
    }
    if (result == MOSQ_ERR_SUCCESS && config->cafile != NULL) {
        result = mosquitto_tls_set(self->handle, config->cafile, NULL, config->certfile, config->keyfile, NULL);
    }
    return result;
}

static void waits_for(struct reseal_mosquitto *self, enum reseal_link_reason reason) {
    struct reseal_mosquitto_event *made = add(self, RESEAL_LINK_EVENT_WAITS, 0);
    if (made != NULL) {
        made->event.reason = reason;
    }
}

static void connect(void *context, const struct reseal_link_login *login, uint32_t now_ms) {
    (void)now_ms;
    struct reseal_mosquitto *self = of(context);
    disconnect(self);
    self->ended = false;
    self->connected = false;
    self->tls_fault = RESEAL_LINK_FINE;
    self->handle = mosquitto_new(login->client_id, !login->lasting, self);
    if (self->handle == NULL) {
        end(self, RESEAL_LINK_NO_MEMORY, errno);
        return;
    }
    int result = prepare(self, login);
    if (result == MOSQ_ERR_SUCCESS) {
        result = mosquitto_connect(self->handle, self->config.broker, self->config.port, KEEPALIVE_SECONDS);
    }
    if (result != MOSQ_ERR_SUCCESS) {
        end_with(self, result);
    } else {
        waits_for(self, self->config.cafile != NULL ? RESEAL_LINK_TLS_NO_ANSWER : RESEAL_LINK_NO_CONNACK);
    }
}

static bool is_usable(const struct reseal_mosquitto *self) {
    return self->handle != NULL && !self->ended && self->connected;
}

static enum reseal_link_sent publish(void *context, uint16_t handle, const struct reseal_message *message) {
    struct reseal_mosquitto *self = of(context);
    int *id = is_usable(self) ? free_request(self, handle) : NULL;
    if (id == NULL) {
        return RESEAL_LINK_BUSY;
    }
    const int result = mosquitto_publish(self->handle, id, message->topic, (int)message->payload.size,
                                         message->payload.data, 1, false);
    if (result != MOSQ_ERR_SUCCESS) {
        *id = 0;
    }
    if (result == MOSQ_ERR_PAYLOAD_SIZE || result == MOSQ_ERR_OVERSIZE_PACKET) {
        return RESEAL_LINK_SENT_TOO_LARGE;
    }
    return result == MOSQ_ERR_SUCCESS ? RESEAL_LINK_SENT : RESEAL_LINK_BUSY;
}

static bool subscribe(void *context, uint16_t handle, const char *filter) {
    struct reseal_mosquitto *self = of(context);
    int *id = is_usable(self) ? free_request(self, handle) : NULL;
    if (id == NULL || mosquitto_subscribe(self->handle, id, filter, 1) == MOSQ_ERR_SUCCESS) {
        return id != NULL;
    }
    *id = 0;
    return false;
}

static void work(struct reseal_mosquitto *self) {
    if (self->handle == NULL || self->ended || self->first != NULL) {
        return;
    }
    const int result = mosquitto_loop(self->handle, 0, 1);
    if (result != MOSQ_ERR_SUCCESS) {
        end_with(self, result);
    }
}

static bool poll_event(void *context, uint32_t now_ms, struct reseal_link_event *event) {
    (void)now_ms;
    struct reseal_mosquitto *self = of(context);
    forget_told(self);
    work(self);
    if (self->first == NULL) {
        return false;
    }
    self->told = self->first;
    self->first = self->first->next;
    *event = self->told->event;
    return true;
}

const struct reseal_link_driver *reseal_mosquitto_open(struct reseal_mosquitto *mosquitto,
                                                       const struct reseal_mosquitto_config *config) {
    memset(mosquitto, 0, sizeof *mosquitto);
    if (config->broker == NULL || mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
        return NULL;
    }
    mosquitto->config = *config;
    mosquitto->ended = true;
    mosquitto->driver =
        (struct reseal_link_driver){mosquitto, join, network, connect, publish, subscribe, poll_event, disconnect};
    return &mosquitto->driver;
}

void reseal_mosquitto_wait(const struct reseal_mosquitto *mosquitto, int longest_ms) {
    const bool working = mosquitto->handle != NULL && !mosquitto->ended;
    struct pollfd descriptor = {.fd = working ? mosquitto_socket(mosquitto->handle) : -1, .events = POLLIN};
    (void)poll(&descriptor, 1, longest_ms);
}

void reseal_mosquitto_close(struct reseal_mosquitto *mosquitto) {
    disconnect(mosquitto);
    (void)mosquitto_lib_cleanup();
}
