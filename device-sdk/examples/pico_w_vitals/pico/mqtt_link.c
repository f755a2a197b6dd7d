/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt_link.h"

#include <lwip/apps/mqtt.h>
#include <lwip/dns.h>
#include <string.h>

#include "tls.h"

enum { KEEPALIVE_SECONDS = 30, INCOMING_MAX = VITALS_COMMAND_MAX + RESEAL_OVERHEAD_MAX };

static struct {
    const struct reseal_settings *settings;
    struct vitals *vitals;
    mqtt_client_t *client;
    uintptr_t attempt; /* counts calls of connect and disconnect, so that a late DNS answer is ignored */
    bool failed;       /* to be told by the next step */
    char client_id[RESEAL_PRINCIPAL_MAX + 1];
    char password[RESEAL_DEVICE_LOGIN_SIZE];
    /* The incoming message, part by part; one that is too large is skipped. */
    char topic[RESEAL_DEVICE_TOPIC_MAX + 1];
    uint8_t incoming[INCOMING_MAX];
    size_t incoming_size;
    bool too_large;
} self;

static void on_publish(void *context, const char *topic, u32_t size) {
    (void)context;
    const size_t length = strlen(topic);
    self.incoming_size = 0;
    self.too_large = length >= sizeof self.topic || size > sizeof self.incoming;
    if (!self.too_large) {
        memcpy(self.topic, topic, length + 1);
    }
}

static void on_data(void *context, const u8_t *data, u16_t size, u8_t flags) {
    (void)context;
    if (self.too_large || size > sizeof self.incoming - self.incoming_size) {
        self.too_large = true;
        return;
    }
    memcpy(self.incoming + self.incoming_size, data, size);
    self.incoming_size += size;
    if ((flags & MQTT_DATA_FLAG_LAST) != 0) {
        vitals_received(self.vitals, self.topic, (struct reseal_bytes){self.incoming, self.incoming_size});
    }
}

bool mqtt_link_open(const struct reseal_settings *settings, struct vitals *vitals) {
    self.settings = settings;
    self.vitals = vitals;
    self.client = mqtt_client_new();
    if (self.client == NULL || !tls_open(settings)) {
        return false;
    }
    mqtt_set_inpub_callback(self.client, on_publish, on_data, NULL);
    return true;
}

static void on_connection(mqtt_client_t *client, void *context, mqtt_connection_status_t status) {
    (void)context;
    if (status == MQTT_CONNECT_ACCEPTED) {
        tls_keep_session(client);
        vitals_connected(self.vitals);
    } else if (status < MQTT_CONNECT_DISCONNECTED) {
        vitals_refused(self.vitals);
    } else {
        vitals_lost(self.vitals);
    }
}

static void connect_to(const ip_addr_t *address) {
    struct mqtt_connect_client_info_t info = {.client_id = self.client_id, .keep_alive = KEEPALIVE_SECONDS};
    if (self.password[0] != '\0') {
        info.client_user = self.client_id;
        info.client_pass = self.password;
    }
    const bool begun = tls_use(&info) && mqtt_client_connect(self.client, address, self.settings->port, on_connection,
                                                             NULL, &info) == ERR_OK;
    reseal_wipe(self.password, sizeof self.password);
    if (!begun || !tls_expect_broker(self.client)) {
        mqtt_disconnect(self.client);
        self.failed = true;
    }
}

static void on_name(const char *name, const ip_addr_t *address, void *attempt) {
    (void)name;
    if ((uintptr_t)attempt != self.attempt) {
        return;
    }
    if (address == NULL) {
        self.failed = true;
    } else {
        connect_to(address);
    }
}

static void copy(char *out, size_t capacity, const char *text) {
    const size_t size = text == NULL ? 0 : strlen(text);
    memset(out, 0, capacity);
    memcpy(out, text == NULL ? "" : text, size < capacity ? size : capacity - 1);
}

void mqtt_link_connect(const char *client_id, const char *password) {
    mqtt_link_disconnect();
    copy(self.client_id, sizeof self.client_id, client_id);
    copy(self.password, sizeof self.password, password);
    ip_addr_t address;
    const err_t found = dns_gethostbyname(self.settings->broker, &address, on_name, (void *)self.attempt);
    if (found == ERR_OK) {
        connect_to(&address);
    } else {
        self.failed = found != ERR_INPROGRESS;
    }
}

void mqtt_link_disconnect(void) {
    self.attempt++;
    self.failed = false;
    mqtt_disconnect(self.client);
}

void mqtt_link_step(void) {
    if (self.failed) {
        mqtt_link_disconnect();
        vitals_lost(self.vitals);
    }
}

static void on_acknowledged(void *number, err_t result) {
    if (result == ERR_OK) {
        vitals_acknowledged(self.vitals, (uint32_t)(uintptr_t)number);
    } else {
        self.failed = true;
    }
}

bool mqtt_link_publish(const struct reseal_message *message, uint32_t number) {
    return mqtt_publish(self.client, message->topic, message->payload.data, (u16_t)message->payload.size, 1, 0,
                        on_acknowledged, (void *)(uintptr_t)number) == ERR_OK;
}

static void on_subscribed(void *context, err_t result) {
    (void)context;
    self.failed = self.failed || result != ERR_OK;
}

bool mqtt_link_subscribe(const char *filter) {
    return mqtt_subscribe(self.client, filter, 1, on_subscribed, NULL) == ERR_OK;
}
