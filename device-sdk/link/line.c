/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/link.h>
#include <string.h>

struct line {
    char *out;
    size_t size;
};

static void add(struct line *line, const char *text) {
    const size_t size = strlen(text);
    const size_t room = RESEAL_LINK_LINE_SIZE - 1 - line->size;
    const size_t taken = size < room ? size : room;
    memcpy(line->out + line->size, text, taken);
    line->size += taken;
    line->out[line->size] = '\0';
}

static void add_number(struct line *line, uint32_t number) {
    char digits[11];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    add(line, digits + at);
}

static void add_counted(struct line *line, const char *text, uint32_t number) {
    if (number > 0) {
        add(line, text);
        add_number(line, number);
    }
}

static void add_reason(struct line *line, const struct reseal_link_status *status) {
    if (status->reason == RESEAL_LINK_FINE) {
        return;
    }
    add(line, ": ");
    add(line, status->reason == RESEAL_LINK_NO_LOGIN ? reseal_status_text((enum reseal_status)status->code)
                                                     : reseal_link_reason_text(status->reason));
    if (status->code != 0) {
        add(line, status->code < 0 ? " (code -" : " (code ");
        add_number(line, status->code < 0 ? 0U - (uint32_t)status->code : (uint32_t)status->code);
        add(line, ")");
    }
}

void reseal_link_line(const struct reseal_link_status *status, char out[RESEAL_LINK_LINE_SIZE]) {
    struct line line = {out, 0};
    out[0] = '\0';
    if (status->state == RESEAL_LINK_JOINING) {
        add(&line, "joins the network");
    } else if (status->state == RESEAL_LINK_CONNECTING) {
        add(&line, "connects");
    } else if (status->state == RESEAL_LINK_ONLINE) {
        add(&line, "online");
    } else {
        add(&line, "waits ");
        add_number(&line, status->pause_ms);
        add(&line, " ms before attempt ");
        add_number(&line, status->attempt + 1);
    }
    add_reason(&line, status);
    add_counted(&line, "; subscriptions refused: ", status->denied);
    add_counted(&line, "; messages refused: ", status->refused);
    add_counted(&line, "; messages too large: ", status->too_large);
}
