/* SPDX-License-Identifier: Apache-2.0 */
#include "power_cuts.h"

#include <reseal/sender.h>
#include <string.h>

/* xorshift32: good enough to choose the undecided bits. */
static uint8_t random_byte(struct reseal_simulated_flash *flash) {
    flash->random ^= flash->random << 13;
    flash->random ^= flash->random >> 17;
    flash->random ^= flash->random << 5;
    return (uint8_t)(flash->random >> 11);
}

static bool has_power(const struct reseal_simulated_flash *flash) {
    return flash->power > 0;
}

static void spend(struct reseal_simulated_flash *flash) {
    flash->power -= flash->power == RESEAL_NEVER || flash->power == 0 ? 0 : 1;
}

static bool read(void *context, uint32_t offset, uint8_t *out, uint32_t size) {
    struct reseal_simulated_flash *flash = context;
    for (uint32_t i = 0; i < size; i++) {
        const uint8_t unstable = flash->unstable[offset + i];
        out[i] = flash->bytes[offset + i] ^ (unstable == 0 ? 0 : unstable & random_byte(flash));
    }
    return has_power(flash);
}

static bool program(void *context, uint32_t offset, const uint8_t *data, uint32_t size) {
    struct reseal_simulated_flash *flash = context;
    flash->programmed++;
    for (uint32_t at = offset; at < offset + size; at++, data++) {
        if (!has_power(flash)) {
            flash->unstable[at] |= (uint8_t)(flash->bytes[at] & ~*data);
            return false;
        }
        flash->bytes[at] &= *data;
        flash->unstable[at] &= *data;
        spend(flash);
    }
    return has_power(flash);
}

/* All bytes of a sector are erased at the same time: at a power cut, any of them may be done, undecided or untouched.
 */
static bool erase(void *context, uint32_t offset) {
    struct reseal_simulated_flash *flash = context;
    const uint32_t size = flash->port.sector_size;
    flash->erased[offset / size]++;
    const bool done = flash->power >= size;
    for (uint32_t at = offset; at < offset + size; at++) {
        if (has_power(flash) && (done || (random_byte(flash) & 1) != 0)) {
            flash->bytes[at] = 0xFF;
            flash->unstable[at] = 0;
        } else {
            flash->unstable[at] |= (uint8_t)~flash->bytes[at] & random_byte(flash);
        }
        spend(flash);
    }
    return has_power(flash);
}

void reseal_simulated_flash_make(struct reseal_simulated_flash *flash, uint32_t sector_size, uint32_t seed) {
    memset(flash, 0, sizeof *flash);
    flash->port = (struct reseal_flash){flash, sector_size, read, program, erase};
    flash->random = seed | 1U;
    memset(flash->bytes, 0xFF, sizeof flash->bytes);
}

static bool fill(void *context, uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        out[i] = random_byte(context);
    }
    return true;
}

static uint32_t epoch_of(const struct reseal_buffer *message) {
    struct reseal_envelope envelope;
    const struct reseal_bytes bytes = {message->data, message->size};
    return reseal_envelope_parse(bytes, &envelope) == RESEAL_OK ? envelope.epoch.number : 0;
}

void reseal_boot(struct reseal_simulated_flash *flash, const struct reseal_crypto *crypto, uint32_t power,
                 struct reseal_boots *result) {
    static const struct reseal_credentials credentials = {
        .algorithm = RESEAL_AES_CCM_16_128_128, .key_id = "1234567", .realm = "ward-7", .principal = "dev"};
    const struct reseal_epoch_store epochs = reseal_flash_epoch_store(&flash->port);
    const struct reseal_random random = {flash, fill};
    flash->power = power;
    struct reseal_sender sender;
    uint8_t memory[RESEAL_OVERHEAD_MAX];
    struct reseal_buffer out = {memory, sizeof memory, 0};
    enum reseal_status status = reseal_sender_open(&sender, &credentials, RESEAL_UPLINK, crypto, &epochs, &random);
    if (status == RESEAL_OK) {
        status = reseal_sender_seal(&sender, (struct reseal_bytes){(const uint8_t *)"t", 1},
                                    (struct reseal_bytes){NULL, 0}, &out);
    }
    result->boots++;
    if (status == RESEAL_OK) {
        const uint32_t epoch = epoch_of(&out);
        result->used_twice += epoch <= result->last;
        result->last = epoch;
    }
    result->cuts += !has_power(flash);
    result->refused += has_power(flash) && status != RESEAL_OK;
    reseal_sender_close(&sender);
}

static void add(struct reseal_boots *to, const struct reseal_boots *more) {
    to->boots += more->boots;
    to->cuts += more->cuts;
    to->used_twice += more->used_twice;
    to->refused += more->refused;
}

/*
 * Tries every power cut in the next boot, then continues from the state that each leaves: `depth` cut boots in a row
 * and one with power. A boot that has power left ends the cuts.
 */
static void cut_next(const struct reseal_simulated_flash *before, uint32_t last, unsigned depth,
                     const struct reseal_crypto *crypto, struct reseal_boots *result) {
    for (uint32_t power = 0; power < RESEAL_NEVER; power++) {
        struct reseal_simulated_flash flash = *before;
        flash.port.context = &flash;
        flash.random += power;
        struct reseal_boots branch = {.last = last};
        reseal_boot(&flash, crypto, power, &branch);
        const bool was_cut = branch.cuts > 0;
        if (was_cut && depth > 1) {
            cut_next(&flash, branch.last, depth - 1, crypto, result);
        }
        reseal_boot(&flash, crypto, RESEAL_NEVER, &branch);
        add(result, &branch);
        if (!was_cut) {
            return;
        }
    }
}

void reseal_cut_everywhere(uint32_t sector_size, uint32_t boots, const struct reseal_crypto *crypto,
                           struct reseal_boots *result) {
    static struct reseal_simulated_flash flash;
    reseal_simulated_flash_make(&flash, sector_size, sector_size);
    struct reseal_boots undisturbed = {0};
    for (uint32_t boot = 0; boot < boots; boot++) {
        cut_next(&flash, undisturbed.last, 2, crypto, result);
        reseal_boot(&flash, crypto, RESEAL_NEVER, &undisturbed);
    }
    add(result, &undisturbed);
}

const struct reseal_simulated_flash *reseal_cut_at_random(uint32_t sector_size, uint32_t boots, uint32_t seed,
                                                          const struct reseal_crypto *crypto,
                                                          struct reseal_boots *result) {
    static struct reseal_simulated_flash flash;
    reseal_simulated_flash_make(&flash, sector_size, seed);
    for (uint32_t boot = 0; boot < boots; boot++) {
        const bool fails = (random_byte(&flash) & 3U) != 0;
        /* Most boots write 24 bytes; those that erase can also fail during that. */
        const uint32_t span = (random_byte(&flash) & 7U) != 0 ? 28 : sector_size + 28;
        const uint32_t power = ((uint32_t)random_byte(&flash) << 8 | random_byte(&flash)) % span;
        reseal_boot(&flash, crypto, fails ? power : RESEAL_NEVER, result);
    }
    return &flash;
}
