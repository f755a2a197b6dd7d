/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed acknowledgement: which messages the broker has accepted (docs/protocol.md, "Sealed acknowledgement"). It
 * is for channels without TLS, where anybody can answer a PUBLISH. Linked only where it is used.
 *
 *   char filter[RESEAL_ACK_TOPIC_SIZE];
 *   reseal_ack_topic(&device, filter);                 // subscribe to it after every connect, at QoS 1
 *   ...
 *   if (strcmp(topic, filter) == 0) {                  // for each message that arrives
 *       status = reseal_device_ack(&device, payload, &ack);
 *       ... drop each sealed message in the outbox for which reseal_ack_names(&ack, message)
 *   }
 *
 * A message that is not named yet was lost or is in flight: send the same sealed bytes again. Never seal more than 128
 * messages ahead of one that is not named, or that one falls out of the broker's replay window.
 */
#ifndef RESEAL_ACK_H
#define RESEAL_ACK_H

#include <reseal/device.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_ACK_TOPIC_SIZE = 8 + RESEAL_PRINCIPAL_MAX + 4 + 1, /* "$reseal/", the principal, "/ack" and a NUL */
    RESEAL_ACK_WINDOW_SIZE = 16,
    RESEAL_ACK_SIZE = 1 + 4 + RESEAL_SALT_SIZE + 4 + RESEAL_ACK_WINDOW_SIZE /* of the plaintext record */
};

/* The highest accepted counter of this sender's newest epoch, and which of the 128 before it were accepted. */
struct reseal_ack {
    struct reseal_epoch epoch;
    uint32_t counter;
    uint8_t window[RESEAL_ACK_WINDOW_SIZE]; /* bit n % 8 of byte n / 8: counter - 1 - n */
};

/* Writes the device's acknowledgement topic, or an empty string if the device is null or closed. */
void reseal_ack_topic(const struct reseal_device *device, char out[RESEAL_ACK_TOPIC_SIZE]);

/*
 * Opens a message from the acknowledgement topic. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null), RESEAL_MALFORMED (also
 * if the plaintext is not such a record), or what reseal_device_receive returns. Unless RESEAL_OK, `out` is zeroed and
 * names nothing.
 */
enum reseal_status reseal_device_ack(struct reseal_device *device, struct reseal_bytes payload, struct reseal_ack *out);

/* Whether `message`, as reseal_device_seal wrote it, was accepted. False if it is not a sealed message. */
bool reseal_ack_names(const struct reseal_ack *ack, struct reseal_bytes message);

/* Returns false, and zeroes `out`, unless `record` is exactly one record. */
bool reseal_ack_read(struct reseal_bytes record, struct reseal_ack *out);

/* For the broker's side: writes the record. */
void reseal_ack_write(uint8_t out[RESEAL_ACK_SIZE], const struct reseal_ack *ack);

#ifdef __cplusplus
}
#endif
#endif
