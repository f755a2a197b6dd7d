/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/link_mqtt.h>

#include <string.h>

enum {
    /* The first byte of a packet (section 2.2). */
    CONNECT = 0x10,
    CONNACK = 0x20,
    PUBLISH = 0x30,
    PUBLISH_QOS_1 = 0x32,
    PUBACK = 0x40,
    SUBSCRIBE = 0x82,
    SUBACK = 0x90,
    PINGREQ = 0xC0,
    PINGRESP = 0xD0,
    TYPE_MASK = 0xF0,
    QOS_MASK = 0x06,
    QOS_1 = 0x02,

    FLAG_USER = 0x80,
    FLAG_PASSWORD = 0x40,
    FLAG_CLEAN = 0x02,
    LEVEL_3_1_1 = 4,
    SUBSCRIPTION_REFUSED = 0x80,

    ID_SIZE = 2,
    HEAD_MAX = 5, /* first byte and remaining length */
    LENGTH_BITS = 7,
    LENGTH_BITS_MAX = 28
};

static void put(struct reseal_mqtt *mqtt, uint8_t byte) {
    mqtt->out.data[mqtt->out.size++] = byte;
}

static void put_bytes(struct reseal_mqtt *mqtt, const void *bytes, size_t size) {
    memcpy(mqtt->out.data + mqtt->out.size, bytes, size);
    mqtt->out.size += size;
}

static void put_number(struct reseal_mqtt *mqtt, size_t number) {
    put(mqtt, (uint8_t)(number >> 8));
    put(mqtt, (uint8_t)number);
}

static void put_string(struct reseal_mqtt *mqtt, const char *text) {
    put_number(mqtt, strlen(text));
    put_bytes(mqtt, text, strlen(text));
}

static void put_head(struct reseal_mqtt *mqtt, uint8_t first, size_t length) {
    put(mqtt, first);
    do {
        put(mqtt, (uint8_t)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
        length >>= LENGTH_BITS;
    } while (length > 0);
}

static size_t room(const struct reseal_mqtt *mqtt) {
    return mqtt->out.capacity - mqtt->out.size;
}

static size_t string_size(const char *text) {
    return 2 + strlen(text);
}

bool reseal_mqtt_open(struct reseal_mqtt *mqtt, struct reseal_buffer in, struct reseal_buffer out,
                      const struct reseal_link_login *login, uint32_t now_ms) {
    memset(mqtt, 0, sizeof *mqtt);
    mqtt->in = in;
    mqtt->out = (struct reseal_buffer){out.data, out.capacity, 0};
    mqtt->sent_ms = now_ms;
    mqtt->received_ms = now_ms;
    const bool has_user = login->user != NULL;
    const size_t length = string_size("MQTT") + 1 + 1 + 2 + string_size(login->client_id) +
                          (has_user ? string_size(login->user) + string_size(login->password) : 0);
    if (room(mqtt) < HEAD_MAX + length + RESEAL_MQTT_RESERVE) {
        return false;
    }
    put_head(mqtt, CONNECT, length);
    put_string(mqtt, "MQTT");
    put(mqtt, LEVEL_3_1_1);
    put(mqtt, (uint8_t)((has_user ? FLAG_USER | FLAG_PASSWORD : 0) | (login->lasting ? 0 : FLAG_CLEAN)));
    put_number(mqtt, RESEAL_MQTT_KEEPALIVE_S);
    put_string(mqtt, login->client_id);
    if (has_user) {
        put_string(mqtt, login->user);
        put_string(mqtt, login->password);
    }
    return true;
}

enum reseal_link_sent reseal_mqtt_publish(struct reseal_mqtt *mqtt, uint16_t id, const struct reseal_message *message) {
    const size_t length = string_size(message->topic) + ID_SIZE + message->payload.size;
    const size_t whole = HEAD_MAX + length + RESEAL_MQTT_RESERVE;
    if (whole > mqtt->out.capacity) {
        return RESEAL_LINK_SENT_TOO_LARGE;
    }
    if (!mqtt->connected || whole > room(mqtt)) {
        return RESEAL_LINK_BUSY;
    }
    put_head(mqtt, PUBLISH_QOS_1, length);
    put_string(mqtt, message->topic);
    put_number(mqtt, id);
    put_bytes(mqtt, message->payload.data, message->payload.size);
    return RESEAL_LINK_SENT;
}

bool reseal_mqtt_subscribe(struct reseal_mqtt *mqtt, uint16_t id, const char *filter) {
    const size_t length = ID_SIZE + string_size(filter) + 1;
    if (!mqtt->connected || HEAD_MAX + length + RESEAL_MQTT_RESERVE > room(mqtt)) {
        return false;
    }
    put_head(mqtt, SUBSCRIBE, length);
    put_number(mqtt, id);
    put_string(mqtt, filter);
    put(mqtt, 1);
    return true;
}

static bool lost(struct reseal_link_event *event, enum reseal_link_reason reason, int32_t code) {
    event->kind = RESEAL_LINK_EVENT_LOST;
    event->reason = reason;
    event->code = code;
    return true;
}

static bool bad_packet(const struct reseal_mqtt *mqtt, struct reseal_link_event *event) {
    return lost(event, RESEAL_LINK_BAD_PACKET, mqtt->first);
}

static bool connack(struct reseal_mqtt *mqtt, struct reseal_link_event *event) {
    const uint8_t code = mqtt->body[1];
    if (code == 0) {
        mqtt->connected = true;
        event->kind = RESEAL_LINK_EVENT_CONNECTED;
        return true;
    }
    const int reason = RESEAL_LINK_REFUSED_VERSION + code - 1;
    return lost(event, reason < RESEAL_LINK_REFUSED_OTHER ? (enum reseal_link_reason)reason : RESEAL_LINK_REFUSED_OTHER,
                code);
}

static bool answer(struct reseal_mqtt *mqtt, enum reseal_link_event_kind kind, struct reseal_link_event *event) {
    event->kind = kind;
    event->handle = (uint16_t)(mqtt->body[0] << 8 | mqtt->body[1]);
    return true;
}

/* A whole packet that is not PUBLISH. */
static bool body_complete(struct reseal_mqtt *mqtt, struct reseal_link_event *event) {
    mqtt->phase = RESEAL_MQTT_TYPE;
    const uint8_t size = mqtt->body_size;
    if (mqtt->first == CONNACK && !mqtt->connected && size == 2) {
        return connack(mqtt, event);
    }
    if (!mqtt->connected) {
        return bad_packet(mqtt, event);
    }
    if (mqtt->first == PUBACK && size == 2) {
        return answer(mqtt, RESEAL_LINK_EVENT_ACKNOWLEDGED, event);
    }
    if (mqtt->first == SUBACK && size == 3) {
        return answer(
            mqtt, mqtt->body[2] == SUBSCRIPTION_REFUSED ? RESEAL_LINK_EVENT_DENIED : RESEAL_LINK_EVENT_GRANTED, event);
    }
    return mqtt->first == PINGRESP && size == 0 ? false : bad_packet(mqtt, event);
}

static bool message_complete(struct reseal_mqtt *mqtt, struct reseal_link_event *event) {
    mqtt->phase = RESEAL_MQTT_TYPE;
    mqtt->to_acknowledge = mqtt->id;
    mqtt->topic[mqtt->topic_size] = '\0';
    event->kind = mqtt->too_large ? RESEAL_LINK_EVENT_TOO_LARGE : RESEAL_LINK_EVENT_RECEIVED;
    event->topic = mqtt->topic;
    event->payload = (struct reseal_bytes){mqtt->in.data, mqtt->in.size};
    return true;
}

/* The remaining length is complete. */
static bool begin_packet(struct reseal_mqtt *mqtt, struct reseal_link_event *event) {
    mqtt->body_size = 0;
    if ((mqtt->first & TYPE_MASK) == PUBLISH) {
        const uint8_t qos = mqtt->first & QOS_MASK;
        mqtt->phase = RESEAL_MQTT_TOPIC_SIZE;
        mqtt->topic_left = 0;
        mqtt->topic_size = 0;
        mqtt->in.size = 0;
        mqtt->too_large = false;
        mqtt->id = 0;
        mqtt->id_bytes = qos == QOS_1 ? ID_SIZE : 0;
        return (mqtt->connected && qos <= QOS_1 && mqtt->left >= 2U + mqtt->id_bytes) ? false : bad_packet(mqtt, event);
    }
    mqtt->phase = RESEAL_MQTT_BODY;
    if (mqtt->left > RESEAL_MQTT_BODY_MAX) {
        return bad_packet(mqtt, event);
    }
    return mqtt->left == 0 ? body_complete(mqtt, event) : false;
}

static bool take_length(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    if (mqtt->length_shift >= LENGTH_BITS_MAX) {
        return bad_packet(mqtt, event);
    }
    mqtt->left |= (uint32_t)(byte & 0x7F) << mqtt->length_shift;
    mqtt->length_shift = (uint8_t)(mqtt->length_shift + LENGTH_BITS);
    return (byte & 0x80) != 0 ? false : begin_packet(mqtt, event);
}

/* After topic or id: what comes next. */
static bool next_part(struct reseal_mqtt *mqtt, struct reseal_link_event *event) {
    if (mqtt->id_bytes > 0) {
        mqtt->phase = RESEAL_MQTT_ID;
        return false;
    }
    if (((mqtt->first & QOS_MASK) == QOS_1) != (mqtt->id != 0)) {
        return bad_packet(mqtt, event);
    }
    mqtt->phase = RESEAL_MQTT_PAYLOAD;
    return mqtt->left == 0 ? message_complete(mqtt, event) : false;
}

static bool take_topic_size(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    mqtt->topic_left = (uint16_t)(mqtt->topic_left << 8 | byte);
    if (++mqtt->body_size < 2) {
        return false;
    }
    if (mqtt->topic_left == 0 || mqtt->topic_left + (uint32_t)mqtt->id_bytes > mqtt->left) {
        return bad_packet(mqtt, event);
    }
    mqtt->phase = RESEAL_MQTT_TOPIC;
    return false;
}

static bool take_topic(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    if (byte == 0) {
        return bad_packet(mqtt, event);
    }
    mqtt->too_large = mqtt->too_large || mqtt->topic_size == RESEAL_DEVICE_TOPIC_MAX;
    if (!mqtt->too_large) {
        mqtt->topic[mqtt->topic_size++] = (char)byte;
    }
    return --mqtt->topic_left > 0 ? false : next_part(mqtt, event);
}

static bool take_id(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    mqtt->id = (uint16_t)(mqtt->id << 8 | byte);
    mqtt->id_bytes--;
    return next_part(mqtt, event);
}

static bool take_payload(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    mqtt->too_large = mqtt->too_large || mqtt->in.size == mqtt->in.capacity;
    if (!mqtt->too_large) {
        mqtt->in.data[mqtt->in.size++] = byte;
    }
    return mqtt->left > 0 ? false : message_complete(mqtt, event);
}

static bool take_body(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    mqtt->body[mqtt->body_size++] = byte;
    return mqtt->left > 0 ? false : body_complete(mqtt, event);
}

static bool take_type(struct reseal_mqtt *mqtt, uint8_t byte) {
    mqtt->first = byte;
    mqtt->left = 0;
    mqtt->length_shift = 0;
    mqtt->phase = RESEAL_MQTT_LENGTH;
    return false;
}

static bool take_byte(struct reseal_mqtt *mqtt, uint8_t byte, struct reseal_link_event *event) {
    mqtt->left -= mqtt->phase > RESEAL_MQTT_LENGTH ? 1 : 0;
    switch (mqtt->phase) {
        case RESEAL_MQTT_TYPE:
            return take_type(mqtt, byte);
        case RESEAL_MQTT_LENGTH:
            return take_length(mqtt, byte, event);
        case RESEAL_MQTT_BODY:
            return take_body(mqtt, byte, event);
        case RESEAL_MQTT_TOPIC_SIZE:
            return take_topic_size(mqtt, byte, event);
        case RESEAL_MQTT_TOPIC:
            return take_topic(mqtt, byte, event);
        case RESEAL_MQTT_ID:
            return take_id(mqtt, byte, event);
        case RESEAL_MQTT_PAYLOAD:
            return take_payload(mqtt, byte, event);
    }
    return bad_packet(mqtt, event);
}

/* False: no room yet. */
static bool acknowledge(struct reseal_mqtt *mqtt) {
    if (mqtt->to_acknowledge == 0) {
        return true;
    }
    if (room(mqtt) < 2 + ID_SIZE) {
        return false;
    }
    put_head(mqtt, PUBACK, ID_SIZE);
    put_number(mqtt, mqtt->to_acknowledge);
    mqtt->to_acknowledge = 0;
    return true;
}

bool reseal_mqtt_take(struct reseal_mqtt *mqtt, struct reseal_bytes bytes, uint32_t now_ms, size_t *taken,
                      struct reseal_link_event *event) {
    *taken = 0;
    if (!acknowledge(mqtt)) {
        return false;
    }
    bool found = false;
    while (!found && *taken < bytes.size) {
        mqtt->received_ms = now_ms;
        found = take_byte(mqtt, bytes.data[(*taken)++], event);
    }
    return found;
}

bool reseal_mqtt_tend(struct reseal_mqtt *mqtt, uint32_t now_ms) {
    if (mqtt->connected && mqtt->out.size == 0 && now_ms - mqtt->sent_ms >= RESEAL_MQTT_PING_MS) {
        put_head(mqtt, PINGREQ, 0);
    }
    return !mqtt->connected || now_ms - mqtt->received_ms < RESEAL_MQTT_SILENCE_MS;
}

void reseal_mqtt_sent(struct reseal_mqtt *mqtt, size_t size, uint32_t now_ms) {
    memmove(mqtt->out.data, mqtt->out.data + size, mqtt->out.size - size);
    mqtt->out.size -= size;
    reseal_wipe(mqtt->out.data + mqtt->out.size, size); /* also CONNECT's password */
    mqtt->sent_ms = now_ms;
}
