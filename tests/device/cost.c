/* SPDX-License-Identifier: Apache-2.0 */
/* What the SDK costs on this processor: prints "name value" lines and checks what is promised about them. */
#include <mbedtls/ccm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/version.h>
#include <reseal/rekey.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "core/derivation.h"
#include "heap.h"
#include "measure.h"
#include "memory_ports.h"

enum {
    SMALL = 64,
    LARGE = 256,
    TIMES = 50,
    STACK_MAX = MBEDTLS_VERSION_MAJOR < 3 ? 1024 : 1152,
    LOGIN_STACK_MAX = 1280,
    REKEY_STACK_MAX = MBEDTLS_VERSION_MAJOR < 3 ? 1280 : 1408,
    STATE_MAX = 320,
    ABOVE_BARE_PERCENT = 15
};

static const char topic[] = "ward/pico1/vitals/pulse";
static const struct reseal_credentials credentials = {.algorithm = RESEAL_AES_CCM_16_128_128,
                                                      .key_id = "1234567",
                                                      .master = "0123456789abcdef0123456789abcde",
                                                      .realm = "ward-7",
                                                      .principal = "pico1"};

static uint32_t stored;

static struct reseal_device device;
static struct reseal_sender broker; /* seals for the device */
static uint8_t text[LARGE];
static size_t text_size;
static uint8_t memory[LARGE + RESEAL_OVERHEAD_MAX];
static struct reseal_message message;
static uint8_t opened[LARGE + RESEAL_OVERHEAD_MAX];
static enum reseal_status status;

static void open_device(void) {
    const struct reseal_port port = {reseal_crypto_mbedtls(), {&stored, load, store, NULL}, {&stored, fill}, {0}};
    MARK_STACK();
    status = reseal_device_open(&device, &credentials, &port);
}

static void seal(void) {
    message.payload = (struct reseal_buffer){memory, sizeof memory, 0};
    MARK_STACK();
    status = reseal_device_seal(&device, topic, (struct reseal_bytes){text, text_size}, &message);
}

static void make_command(void) {
    struct reseal_buffer out = {memory, sizeof memory, 0};
    status = reseal_sender_seal(&broker, (struct reseal_bytes){(const uint8_t *)topic, strlen(topic)},
                                (struct reseal_bytes){text, text_size}, &out);
    message.payload = out;
}

static void receive(void) {
    struct reseal_buffer out = {opened, sizeof opened, 0};
    MARK_STACK();
    status = reseal_device_receive(&device, topic, (struct reseal_bytes){memory, message.payload.size}, &out);
}

/* The same message every time. The window, which would refuse it, is reset. */
static void receive_again(void) {
    memset(device.window, 0, sizeof device.window);
    device.receiver.replay.epoch.number = 0;
    receive();
}

static void log_in(void) {
    char password[RESEAL_DEVICE_LOGIN_SIZE];
    MARK_STACK();
    status = reseal_device_login(&device, RESEAL_LISTENER_SEALED, "{id}", password, sizeof password);
}

static enum reseal_status keep(void *context, const struct reseal_credentials *fresh) {
    *(struct reseal_credentials *)context = *fresh;
    return RESEAL_OK;
}

static void make_new_key(void) {
    struct reseal_credentials fresh = credentials;
    fresh.key_id[0]++;
    uint8_t record[RESEAL_REKEY_RECORD_MAX];
    char key_topic[RESEAL_REKEY_TOPIC_SIZE];
    reseal_rekey_topic(&device, key_topic);
    struct reseal_buffer out = {memory, sizeof memory, 0};
    status = reseal_sender_seal(&broker, (struct reseal_bytes){(const uint8_t *)key_topic, strlen(key_topic)},
                                (struct reseal_bytes){record, reseal_rekey_record_write(record, &fresh)}, &out);
    message.payload = out;
}

static void rekey(void) {
    static struct reseal_credentials kept;
    const struct reseal_key_store store_of_keys = {&kept, keep};
    MARK_STACK();
    status = reseal_device_rekey(&device, (struct reseal_bytes){memory, message.payload.size}, &store_of_keys);
}

static struct reseal_epoch_keys keys;

static void derive(void) {
    const struct reseal_epoch epoch = {7, {1, 2, 3, 4}};
    status =
        reseal_epoch_keys_derive(reseal_crypto_mbedtls(), &credentials, RESEAL_UPLINK, &epoch, RESEAL_USE_SEAL, &keys);
    reseal_epoch_keys_wipe(&keys);
}

/* The bare library: the same key, nonce, additional data and text, with the same buffers. */
static uint8_t aad[RESEAL_AAD_MAX];
static size_t aad_size;
static const uint8_t nonce[13] = "nonce";

static void bare(bool sealing) {
    mbedtls_ccm_context context;
    mbedtls_ccm_init(&context);
    int result = mbedtls_ccm_setkey(&context, MBEDTLS_CIPHER_ID_AES, credentials.master, 128);
    if (result == 0 && sealing) {
        result = mbedtls_ccm_encrypt_and_tag(&context, text_size, nonce, sizeof nonce, aad, aad_size, text, memory,
                                             memory + text_size, RESEAL_TAG_SIZE);
    } else if (result == 0) {
        result = mbedtls_ccm_auth_decrypt(&context, text_size, nonce, sizeof nonce, aad, aad_size, memory, opened,
                                          memory + text_size, RESEAL_TAG_SIZE);
    }
    mbedtls_ccm_free(&context);
    status = result == 0 ? RESEAL_OK : RESEAL_CRYPTO_FAILED;
}

static void bare_seal(void) {
    bare(true);
}

static void bare_open(void) {
    bare(false);
}

static void bare_derive(void) {
    uint8_t out[16];
    const int result =
        mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), credentials.key_id, RESEAL_KEY_ID_SIZE,
                     credentials.master, RESEAL_MASTER_SIZE, aad, RESEAL_INFO_MAX - 1, out, sizeof out);
    status = result == 0 ? RESEAL_OK : RESEAL_CRYPTO_FAILED;
}

static void figure(const char *name, uint32_t value) {
    check(status == RESEAL_OK, name, reseal_status_text(status));
    printf("%s %lu\n", name, (unsigned long)value);
}

static uint32_t instructions(const char *name, measured *call) {
    call(); /* one-time work is done */
    const uint32_t count = instructions_of(call, TIMES);
    figure(name, count);
    return count;
}

static void compare(const char *name, uint32_t ours, uint32_t bare_ones) {
    printf("%s_above_bare_percent %ld\n", name, ((long)ours - (long)bare_ones) * 100 / (long)bare_ones);
    check(ours <= bare_ones + bare_ones * ABOVE_BARE_PERCENT / 100, name, "takes too much above the bare cipher");
}

static void instructions_with(size_t size, const char *const names[4]) {
    text_size = size;
    const uint32_t sealing = instructions(names[0], seal);
    compare(names[0], sealing, instructions(names[1], bare_seal));
    make_command();
    const uint32_t opening = instructions(names[2], receive_again);
    bare_seal();
    compare(names[2], opening, instructions(names[3], bare_open));
}

static void stack(const char *name, measured *call, uint32_t promised) {
    const uint32_t size = stack_of(call);
    figure(name, size);
    check(size <= promised, name, "takes more stack than promised");
}

static void stacks(void) {
    open_device();
    stack("stack_open", open_device, STACK_MAX);
    text_size = LARGE;
    stack("stack_first_seal", seal, STACK_MAX);
    stack("stack_seal", seal, STACK_MAX);
    stack("stack_login", log_in, LOGIN_STACK_MAX);
    make_command();
    stack("stack_first_receive", receive, STACK_MAX);
    make_command();
    stack("stack_receive", receive, STACK_MAX);
    open_device();
    make_new_key();
    stack("stack_rekey", rekey, REKEY_STACK_MAX);
    open_device();
}

/* Checks that the clock counts instructions, with a loop whose instructions can be counted by hand. */
static void two_thousand_instructions(void) {
    uint32_t left = 1000;
    __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\n bne 1b" : "+l"(left) : : "cc");
}

static void check_clock(void) {
    const uint32_t count = instructions_of(two_thousand_instructions, TIMES);
    check(count >= 2000 && count <= 2010, "the clock", "does not count instructions");
}

int main(void) {
    const struct reseal_epoch_store epochs = {&stored, load, store, NULL};
    const struct reseal_random random = {&stored, fill};
    check_clock();
    status = reseal_sender_open(&broker, &credentials, RESEAL_DOWNLINK, reseal_crypto_mbedtls(), &epochs, &random);
    check(status == RESEAL_OK, "the broker", reseal_status_text(status));
    aad_size =
        reseal_aad_write(aad, credentials.algorithm, (struct reseal_bytes){(const uint8_t *)topic, strlen(topic)});
    stacks();
    (void)device_heap_peak();
    instructions_with(SMALL, (const char *const[]){"seal_64", "bare_seal_64", "receive_64", "bare_open_64"});
    instructions_with(LARGE, (const char *const[]){"seal_256", "bare_seal_256", "receive_256", "bare_open_256"});
    (void)instructions("login", log_in);
    compare("derive", instructions("derive", derive), 2 * instructions("bare_hkdf", bare_derive));
    printf("heap_of_mbedtls %lu\n", (unsigned long)device_heap_peak());
    printf("sender_state %u\nreceiver_state %u\ndevice_state %u\n", (unsigned)sizeof(struct reseal_sender),
           (unsigned)sizeof(struct reseal_receiver), (unsigned)sizeof device);
    check(sizeof(struct reseal_sender) <= STATE_MAX, "the sender", "is larger than promised");
    check(sizeof(struct reseal_receiver) <= STATE_MAX, "the receiver", "is larger than promised");
    reseal_device_close(&device);
    return check_end();
}
