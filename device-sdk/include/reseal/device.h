/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that a device's firmware needs, in five calls:
 *
 *   struct reseal_device device;                                   // 564 bytes, the caller's; no heap is used
 *   reseal_device_open(&device, &credentials, &port);              // once after power-on
 *   reseal_device_seal(&device, "ward/{id}/pulse", text, &out);    // then publish out.payload under out.topic
 *   reseal_device_receive(&device, topic, payload, &command);      // for each message that arrives
 *   reseal_device_close(&device);                                  // wipes the keys
 *
 * Each call returns RESEAL_OK or says what is wrong: reseal_status_text (status.h) has a sentence for people. After an
 * error nothing was written and the output holds nothing readable. One thread at a time.
 *
 * Stack, mbedTLS included: with mbedTLS 2.28 at most 1,024 bytes for each call, with 3.6 at most 1,152; for
 * reseal_device_login 1,280. docs/device-sdk.md has a table.
 */
#ifndef RESEAL_DEVICE_H
#define RESEAL_DEVICE_H

#include <reseal/connect.h>
#include <reseal/receiver.h>
#include <reseal/sender.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_DEVICE_TOPIC_MAX = 128, /* bytes of a topic, {id} filled in */
    RESEAL_DEVICE_LOGIN_SIZE = 76  /* bytes that a sealed CONNECT's password takes at most, with its NUL */
};

/* What the SDK needs from the board. reseal_pico_port() gives one for the Raspberry Pi Pico (reseal/pico.h). */
struct reseal_port {
    const struct reseal_crypto *crypto; /* reseal_crypto_mbedtls() on a device */
    struct reseal_epoch_store epochs;   /* durable: reseal_flash_epoch_store() over two sectors of flash */
    struct reseal_random random;        /* cryptographic */
    struct reseal_window_store windows; /* durable: reseal_flash_window_store() over two more; zeroed: see below */
};

/* The caller allocates it; treat it as opaque. */
struct reseal_device {
    struct reseal_sender sender;
    struct reseal_receiver receiver;
    uint32_t window[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];
};

/* What to pass to the MQTT client. The caller sets payload.data and payload.capacity; the SDK writes the rest. */
struct reseal_message {
    char topic[RESEAL_DEVICE_TOPIC_MAX + 1]; /* ends with a NUL */
    struct reseal_buffer payload;
};

/*
 * Copies credentials and port; whatever the port's contexts point to must outlive the device. Does not write flash: the
 * first seal raises the epoch.
 *   RESEAL_BAD_ARGUMENT     a null pointer, or a port with one in it
 *   RESEAL_BAD_CREDENTIALS  they are not what `provision export` writes
 *   RESEAL_WINDOW_NOT_STORED  the replay window cannot be read from flash
 */
enum reseal_status reseal_device_open(struct reseal_device *device, const struct reseal_credentials *credentials,
                                      const struct reseal_port *port);

/*
 * Seals `plaintext`, which may be empty and must not overlap the payload. "{id}" in `topic` becomes the principal of
 * the credentials. The payload takes at most plaintext.size + RESEAL_OVERHEAD_MAX bytes. Publish it under exactly the
 * topic in out->topic: under any other it does not open. To retransmit it, send the same bytes again.
 *   RESEAL_BAD_ARGUMENT     a null pointer
 *   RESEAL_CLOSED           not opened, or closed
 *   RESEAL_BAD_TOPIC        empty, with '+' or '#', or longer than RESEAL_DEVICE_TOPIC_MAX
 *   RESEAL_TOO_LONG         more plaintext than the algorithm takes (65,535 bytes with AES-CCM)
 *   RESEAL_BUFFER_TOO_SMALL
 *   RESEAL_EPOCH_NOT_STORED the flash failed: nothing may be sealed; try again, or replace the board
 *   RESEAL_EPOCH_EXHAUSTED  the last counter of the last epoch is used up: the device needs a new key
 *   RESEAL_NO_RANDOM        the random source failed
 *   RESEAL_WRONG_ALGORITHM  this build of the crypto library does not have the algorithm of the credentials
 *   RESEAL_CRYPTO_FAILED    the crypto library failed, for instance for lack of memory
 */
enum reseal_status reseal_device_seal(struct reseal_device *device, const char *topic, struct reseal_bytes plaintext,
                                      struct reseal_message *out);

/*
 * Writes the password of a sealed CONNECT. It proves that the device has its key, for that kind of listener and no
 * other. The MQTT user name is the principal. `client_id` is exactly the MQTT client id to connect with, of at most
 * RESEAL_DEVICE_TOPIC_MAX - RESEAL_CONNECT_PREFIX_MAX bytes; "{id}" in it becomes the principal, as in a topic. The
 * broker accepts the principal, or the principal followed by a slash and more. A password is good for one connection:
 * call again for the next. `password` ends with a NUL; RESEAL_DEVICE_LOGIN_SIZE bytes are enough.
 * Returns what reseal_device_seal returns, and RESEAL_BAD_ARGUMENT if `listener` is not a listener. Unless RESEAL_OK,
 * `password` is an empty string.
 */
enum reseal_status reseal_device_login(struct reseal_device *device, enum reseal_listener listener,
                                       const char *client_id, char *password, size_t capacity);

/*
 * Opens a message that arrived under `topic`, which ends with a NUL. `out` needs at most payload.size bytes and must
 * not overlap the payload. Each message is accepted once, even across a restart if the port has a window store. Without
 * one, a message captured before a restart is accepted once more after it, so a device that takes commands needs one.
 *   RESEAL_BAD_ARGUMENT, RESEAL_CLOSED, RESEAL_BAD_TOPIC, RESEAL_BUFFER_TOO_SMALL, RESEAL_CRYPTO_FAILED as above
 *   RESEAL_WINDOW_NOT_STORED  the flash failed: the message counts as accepted, but is not returned
 *   RESEAL_MALFORMED to RESEAL_BAD_TAG (status.h)  refused: not for this device, changed, moved or seen before
 */
enum reseal_status reseal_device_receive(struct reseal_device *device, const char *topic, struct reseal_bytes payload,
                                         struct reseal_buffer *out);

/* Wipes keys and credentials. A null or closed device is allowed. */
void reseal_device_close(struct reseal_device *device);

#ifdef __cplusplus
}
#endif
#endif
