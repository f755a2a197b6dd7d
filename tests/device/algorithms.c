/* SPDX-License-Identifier: Apache-2.0 */
/* What each algorithm costs on this processor: prints "algorithm NAME BYTES SEAL OPEN", instructions of the SDK. */
#include <reseal/receiver.h>
#include <reseal/sender.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "measure.h"
#include "memory_ports.h"

enum { LARGEST = 16384, TIMES = 5 };

static const uint8_t algorithms[] = {RESEAL_AES_CCM_16_128_128, RESEAL_AES_CCM_16_128_256, RESEAL_A128GCM,
                                     RESEAL_A256GCM, RESEAL_CHACHA20_POLY1305};
static const size_t sizes[] = {16, 64, 256, 1024, 4096, LARGEST};
static const char topic[] = "ward/pump-7/vitals/pulse";

static uint32_t stored;
static struct reseal_sender sender;
static struct reseal_receiver receiver;
static uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];
static uint8_t text[LARGEST];
static size_t text_size;
static uint8_t memory[LARGEST + RESEAL_OVERHEAD_MAX];
static size_t message_size;
static uint8_t opened[LARGEST + RESEAL_OVERHEAD_MAX];
static enum reseal_status status;

static struct reseal_bytes topic_bytes(void) {
    return (struct reseal_bytes){(const uint8_t *)topic, strlen(topic)};
}

static void seal(void) {
    struct reseal_buffer out = {memory, sizeof memory, 0};
    status = reseal_sender_seal(&sender, topic_bytes(), (struct reseal_bytes){text, text_size}, &out);
    message_size = out.size;
}

/* The same message every time. The window, which would refuse it, is reset. */
static void open_again(void) {
    struct reseal_buffer out = {opened, sizeof opened, 0};
    receiver.replay.epoch.number = 0;
    status = reseal_receiver_accept(&receiver, topic_bytes(), (struct reseal_bytes){memory, message_size}, &out);
}

static void open_both(uint8_t algorithm) {
    const struct reseal_credentials credentials = {.algorithm = algorithm,
                                                   .key_id = "1234567",
                                                   .master = "0123456789abcdef0123456789abcde",
                                                   .realm = "ward-7",
                                                   .principal = "pump-7"};
    const struct reseal_epoch_store epochs = {&stored, load, store, NULL};
    const struct reseal_random random = {&stored, fill};
    status = reseal_sender_open(&sender, &credentials, RESEAL_UPLINK, reseal_crypto_mbedtls(), &epochs, &random);
    check(status == RESEAL_OK, "the sender", reseal_status_text(status));
    status = reseal_receiver_open(&receiver, &credentials, RESEAL_UPLINK, reseal_crypto_mbedtls(), words,
                                  RESEAL_WINDOW_DEFAULT, NULL);
    check(status == RESEAL_OK, "the receiver", reseal_status_text(status));
}

static uint32_t instructions(const char *name, measured *call) {
    call(); /* one-time work is done */
    const uint32_t count = instructions_of(call, TIMES);
    check(status == RESEAL_OK, name, reseal_status_text(status));
    return count;
}

static void measure(const char *name, size_t size) {
    text_size = size;
    const uint32_t sealing = instructions(name, seal);
    const uint32_t opening = instructions(name, open_again);
    check(memcmp(opened, text, size) == 0, name, "opens to another text");
    printf("algorithm %s %u %lu %lu\n", name, (unsigned)size, (unsigned long)sealing, (unsigned long)opening);
}

int main(void) {
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof algorithms; i++) {
        open_both(algorithms[i]);
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            measure(reseal_algorithm_name(algorithms[i]), sizes[j]);
        }
        reseal_sender_close(&sender);
        reseal_receiver_close(&receiver);
    }
    return check_end();
}
