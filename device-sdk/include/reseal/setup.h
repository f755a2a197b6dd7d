/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration mode: one small page over HTTP, and one sealed exchange to read and change the settings. The byte
 * formats are in docs/setup-mode.md. It uses no heap, socket or clock; the port supplies the bytes, the time passed and
 * a store.
 *
 * Whoever does not know the pairing code learns nothing about the settings, not even whether there are any: the page is
 * the same for every device except for the challenge. Whoever knows it sees names (Wi-Fi, broker, the device's own) and
 * whether a password, credentials or a certificate are set. Those themselves never leave the device.
 *
 * Order of calls: open; feed, elapsed and end as connections come and go; close.
 */
#ifndef RESEAL_SETUP_H
#define RESEAL_SETUP_H

#include <reseal/pairing.h>
#include <reseal/sender.h>
#include <reseal/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_SETUP_TRIES = 5,         /* wrong pairing codes before the mode closes */
    RESEAL_SETUP_CLIENT_MS = 10000, /* per client, from its first byte to the end of its connection */
    RESEAL_SETUP_READ_MS = 8000,    /* of these for the whole request, to leave time for a refusal */
    RESEAL_SETUP_CHALLENGE_SIZE = 16,
    RESEAL_SETUP_HEAD_MAX = 4096,                     /* bytes of an HTTP head */
    RESEAL_SETUP_REQUEST_MAX = 2 * 16 + 8 * 512 + 16, /* challenge and nonce, sealed in blocks of 512, tag */
    RESEAL_SETUP_ANSWER_SIZE = 2 + 16 + 256 + 16      /* status, tries, next challenge; sealed; tag */
};

/* A page. The CMake target reseal_page builds it from device-sdk/setup/page and defines it as reseal_page. */
struct reseal_setup_page {
    struct reseal_bytes head; /* of HTTP */
    struct reseal_bytes gzip; /* all but the last block, which carries the challenge */
    uint32_t crc;             /* CRC-32 and size of the unpacked `gzip` */
    uint32_t size;
};
extern const struct reseal_setup_page reseal_page;

/* What configuration mode needs from the board, and the page that it serves. */
struct reseal_setup_port {
    const struct reseal_crypto *crypto;
    struct reseal_random random;
    const struct reseal_setup_page *page;
    void *context;
    /*
     * Stores the settings' byte form, for instance with reseal_flash_record_write. Returns true only once it survives a
     * loss of power; on false the previous settings remain.
     */
    bool (*store)(void *context, struct reseal_bytes form);
};

/* How far configuration mode has come. */
enum reseal_setup_state {
    RESEAL_SETUP_SERVING = 1,
    RESEAL_SETUP_TAKEN = 2, /* settings were stored; once the connection has ended the device may start with them */
    RESEAL_SETUP_CLOSED = 3 /* too many wrong codes: switch the access point off until the next power cycle */
};

/* What the port does next with the connection that it asked about. */
enum reseal_setup_verdict {
    RESEAL_SETUP_WAIT = 0,   /* nothing to do */
    RESEAL_SETUP_ANSWER = 1, /* write the answer's parts, then close the connection for writing */
    RESEAL_SETUP_DROP = 2    /* reset the connection */
};

/* Parts in order; empty ones at the end. They stay valid until the connection's `end`. */
struct reseal_setup_answer {
    struct reseal_bytes parts[3];
};

/* The caller allocates it, about 17 KiB: static memory, not the stack. Treat it as opaque. */
struct reseal_setup {
    struct reseal_setup_port port;
    struct reseal_pairing pairing;
    struct reseal_settings settings;
    struct reseal_settings changed;
    const void *client; /* the one whose request is being read or answered */
    uint32_t elapsed;   /* milliseconds since its first byte */
    uint8_t state;
    uint8_t phase;
    uint8_t tries; /* left */
    bool is_post;
    size_t received;
    size_t body_size;
    uint8_t challenge[RESEAL_SETUP_CHALLENGE_SIZE];
    uint8_t request[RESEAL_SETUP_REQUEST_MAX]; /* first the head, then the body */
    uint8_t opened[8 * 512];
    uint8_t answer[RESEAL_SETUP_ANSWER_SIZE];
};

/*
 * Copies pairing code, settings (zeroed on a device that has none) and port; whatever the port points to must outlive
 * `setup`. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null) or RESEAL_NO_RANDOM.
 */
enum reseal_status reseal_setup_open(struct reseal_setup *setup, const struct reseal_pairing *pairing,
                                     const struct reseal_settings *settings, const struct reseal_setup_port *port);

/*
 * Takes bytes from a connection, as many at a time as you like. `client` names the connection: any pointer but null.
 * The first connection that sends a byte is the client until its `end`; every other one is told at once that the device
 * is busy. (Idle connections, which browsers open in advance, take no place here: the port closes the oldest of them
 * when it runs out of room.) One request per connection: whatever follows an answer is ignored.
 */
enum reseal_setup_verdict reseal_setup_feed(struct reseal_setup *setup, const void *client, struct reseal_bytes bytes,
                                            struct reseal_setup_answer *answer);

/*
 * Call it a few times a second: `milliseconds` have passed since the last call. The verdict is about
 * reseal_setup_client.
 */
enum reseal_setup_verdict reseal_setup_elapsed(struct reseal_setup *setup, uint32_t milliseconds,
                                               struct reseal_setup_answer *answer);

/* The connection has ended, for whatever reason. A connection that is not the client is allowed. */
void reseal_setup_end(struct reseal_setup *setup, const void *client);

/* The connection that is being served, or null. */
const void *reseal_setup_client(const struct reseal_setup *setup);

/* Its state; ask after every feed and every end. */
enum reseal_setup_state reseal_setup_state_of(const struct reseal_setup *setup);

/* Wipes everything. Null is allowed. */
void reseal_setup_close(struct reseal_setup *setup);

#ifdef __cplusplus
}
#endif
#endif
