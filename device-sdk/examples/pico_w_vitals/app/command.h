/* SPDX-License-Identifier: Apache-2.0 */
/* Commands, sealed for the device, under commands/{id}/NAME: the text is one number. */
#ifndef VITALS_COMMAND_H
#define VITALS_COMMAND_H

#include <reseal/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum command_name {
    COMMAND_UNKNOWN,
    COMMAND_INTERVAL, /* commands/{id}/interval: milliseconds between two readings, 100 to 3,600,000 */
    COMMAND_IDENTIFY  /* commands/{id}/identify: blink for 1 to 60 seconds */
};

struct command {
    enum command_name name;
    bool valid; /* false: not a number, or out of range */
    uint32_t value;
};

/* `name` is the topic's last part, `text` the opened payload. */
struct command command_parse(const char *name, struct reseal_bytes text);

/* The name as in the topic. */
const char *command_text(enum command_name name);

/* What is allowed, for people. */
const char *command_advice(enum command_name name);

#ifdef __cplusplus
}
#endif
#endif
