/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/device.h>
#include <string.h>

static const char id[] = {'{', 'i', 'd', '}'};

/*
 * Appends `pattern`, with the principal for each {id}, to a topic of `size` bytes. Returns the new size; 0: too long.
 */
static size_t fill(char topic[RESEAL_DEVICE_TOPIC_MAX + 1], size_t size, const char *pattern, const char *principal) {
    while (*pattern != '\0') {
        const bool is_id = strncmp(pattern, id, sizeof id) == 0;
        const char *text = is_id ? principal : pattern;
        const size_t length = is_id ? strlen(principal) : 1;
        if (length > RESEAL_DEVICE_TOPIC_MAX - size) {
            size = 0;
            break;
        }
        memcpy(topic + size, text, length);
        size += length;
        pattern += is_id ? sizeof id : 1;
    }
    topic[size] = '\0';
    return size;
}

enum reseal_status reseal_device_open(struct reseal_device *device, const struct reseal_credentials *credentials,
                                      const struct reseal_port *port) {
    if (device == NULL || port == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(device, 0, sizeof *device);
    enum reseal_status status =
        reseal_sender_open(&device->sender, credentials, RESEAL_UPLINK, port->crypto, &port->epochs, &port->random);
    if (status == RESEAL_OK) {
        status = reseal_receiver_open(&device->receiver, credentials, RESEAL_DOWNLINK, port->crypto, device->window,
                                      RESEAL_WINDOW_DEFAULT, &port->windows);
    }
    if (status != RESEAL_OK) {
        reseal_device_close(device);
    }
    return status;
}

/* Seals under a topic whose first `size` bytes are already in `out`. */
static enum reseal_status seal(struct reseal_device *device, size_t size, const char *pattern,
                               const struct reseal_bytes *plaintext, struct reseal_message *out) {
    size = fill(out->topic, size, pattern, device->sender.credentials.principal);
    const struct reseal_bytes topic = {(const uint8_t *)out->topic, size};
    const enum reseal_status status = reseal_sender_seal(&device->sender, topic, *plaintext, &out->payload);
    if (status != RESEAL_OK) {
        out->topic[0] = '\0';
    }
    return status;
}

enum reseal_status reseal_device_seal(struct reseal_device *device, const char *topic, struct reseal_bytes plaintext,
                                      struct reseal_message *out) {
    if (device == NULL || topic == NULL || out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    return seal(device, 0, topic, &plaintext, out);
}

/* RFC 4648 section 5, without padding. Returns the end of the text. */
static char *base64url(char *at, const uint8_t *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8) | data[i];
        for (held += 8; held >= 6; held -= 6) {
            *at++ = digits[(bits >> (held - 6)) & 63U];
        }
    }
    if (held > 0) {
        *at++ = digits[(bits << (6 - held)) & 63U];
    }
    return at;
}

enum reseal_status reseal_device_login(struct reseal_device *device, enum reseal_listener listener,
                                       const char *client_id, char *password, size_t capacity) {
    if (device == NULL || client_id == NULL || password == NULL || capacity == 0) {
        return RESEAL_BAD_ARGUMENT;
    }
    password[0] = '\0';
    const char *prefix = reseal_connect_prefix(listener);
    const size_t prefix_size = strlen(prefix);
    if (prefix_size == 0) {
        return RESEAL_BAD_ARGUMENT;
    }
    if (capacity < RESEAL_DEVICE_LOGIN_SIZE) {
        return RESEAL_BUFFER_TOO_SMALL;
    }
    uint8_t sealed[RESEAL_OVERHEAD_MAX];
    struct reseal_message message = {.payload = {sealed, sizeof sealed, 0}};
    memcpy(message.topic, prefix, prefix_size);
    static const struct reseal_bytes nothing = {NULL, 0};
    const enum reseal_status status = seal(device, prefix_size, client_id, &nothing, &message);
    if (status == RESEAL_OK) {
        *base64url(password, sealed, message.payload.size) = '\0';
    }
    return status;
}

enum reseal_status reseal_device_receive(struct reseal_device *device, const char *topic, struct reseal_bytes payload,
                                         struct reseal_buffer *out) {
    if (device == NULL || topic == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    const struct reseal_bytes name = {(const uint8_t *)topic, strlen(topic)};
    return reseal_receiver_accept(&device->receiver, name, payload, out);
}

void reseal_device_close(struct reseal_device *device) {
    if (device != NULL) {
        reseal_sender_close(&device->sender);
        reseal_receiver_close(&device->receiver);
    }
}
