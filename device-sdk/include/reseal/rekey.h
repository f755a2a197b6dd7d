/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new key over the air (docs/protocol.md, "Rekeying"). The broker seals it under the key that the device has and
 * sends it to whoever subscribes to the device's key topic. Linked only where it is used.
 *
 *   char filter[RESEAL_REKEY_TOPIC_SIZE];
 *   reseal_rekey_topic(&device, filter);               // subscribe to it after every connect, at QoS 1
 *   ...
 *   if (strcmp(topic, filter) == 0) {                  // for each message that arrives
 *       status = reseal_device_rekey(&device, payload, &keys);
 *   } else {
 *       status = reseal_device_receive(&device, topic, payload, &opened);
 *   }
 *
 * After RESEAL_OK the device seals and opens under the new key. Send something, or log in again: the broker stays with
 * the old key until it has seen the new one used, and what it seals until then does not open.
 */
#ifndef RESEAL_REKEY_H
#define RESEAL_REKEY_H

#include <reseal/device.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_REKEY_TOPIC_SIZE = 8 + RESEAL_PRINCIPAL_MAX + 4 + 1, /* "$reseal/", the principal, "/key" and a NUL */
    /* The record that is sealed: version, algorithm, key id, master secret, principal. */
    RESEAL_REKEY_RECORD_MAX = 2 + RESEAL_KEY_ID_SIZE + RESEAL_MASTER_SIZE + RESEAL_PRINCIPAL_MAX
};

/* Where the device keeps its credentials. */
struct reseal_key_store {
    void *context;
    /*
     * Returns RESEAL_OK only once `fresh` has replaced the old credentials and survives a loss of power. After a
     * restart the device has one or the other, never neither. Must not use the device, and must wipe every copy it
     * makes.
     */
    enum reseal_status (*store)(void *context, const struct reseal_credentials *fresh);
};

/* Writes the device's key topic, or an empty string if the device is null or closed. */
void reseal_rekey_topic(const struct reseal_device *device, char out[RESEAL_REKEY_TOPIC_SIZE]);

/*
 * Opens a message from the key topic, has the store keep the new credentials, and opens the device under them with the
 * same port. The next seal raises the epoch. Takes 1,280 bytes of stack with mbedTLS 2.28, 1,408 with 3.6, besides what
 * the store takes.
 *   RESEAL_BAD_ARGUMENT     a null pointer
 *   RESEAL_BAD_CREDENTIALS  the message holds no credentials of this principal, or the device's current ones
 *   RESEAL_WRONG_ALGORITHM  the new key is for another algorithm: a rotation never changes the algorithm
 *   what reseal_device_receive returns; RESEAL_BUFFER_TOO_SMALL: the message is longer than any such record
 *   what the store returned, for instance RESEAL_NOT_STORED
 * After any of these the device continues under the old key. The broker sends the new one again at the next
 * subscription.
 *   RESEAL_WINDOW_NOT_STORED  from receive, as above. Or the new credentials are stored but the device is closed: see
 *                             reseal_device_open, and open it with them
 */
enum reseal_status reseal_device_rekey(struct reseal_device *device, struct reseal_bytes payload,
                                       const struct reseal_key_store *keys);

/* For the broker's side: writes the record and returns its size. `credentials` were already checked. */
size_t reseal_rekey_record_write(uint8_t out[RESEAL_REKEY_RECORD_MAX], const struct reseal_credentials *credentials);

#ifdef __cplusplus
}
#endif
#endif
