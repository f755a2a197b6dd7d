/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <string.h>

struct rule {
    const char *text;
    const char *advice;
    uint32_t least;
    uint32_t most;
};

static const struct rule rules[] = {
    [COMMAND_UNKNOWN] = {"unknown", "known commands: interval, identify", 1, 0},
    [COMMAND_INTERVAL] = {"interval", "milliseconds from 100 to 3600000", 100, 3600000},
    [COMMAND_IDENTIFY] = {"identify", "seconds from 1 to 60", 1, 60},
};

/* Digits only, at most 7 of them, so that nothing overflows. */
static bool parse_number(struct reseal_bytes text, uint32_t *out) {
    *out = 0;
    bool valid = text.size >= 1 && text.size <= 7;
    for (size_t i = 0; valid && i < text.size; i++) {
        valid = text.data[i] >= '0' && text.data[i] <= '9';
        *out = *out * 10 + (uint32_t)(text.data[i] - '0');
    }
    return valid;
}

struct command command_parse(const char *name, struct reseal_bytes text) {
    struct command command = {COMMAND_UNKNOWN, false, 0};
    if (strcmp(name, rules[COMMAND_INTERVAL].text) == 0) {
        command.name = COMMAND_INTERVAL;
    } else if (strcmp(name, rules[COMMAND_IDENTIFY].text) == 0) {
        command.name = COMMAND_IDENTIFY;
    }
    const struct rule *rule = &rules[command.name];
    command.valid = parse_number(text, &command.value) && command.value >= rule->least && command.value <= rule->most;
    return command;
}

const char *command_text(enum command_name name) {
    return rules[name].text;
}

const char *command_advice(enum command_name name) {
    return rules[name].advice;
}
