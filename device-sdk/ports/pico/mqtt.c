/* SPDX-License-Identifier: Apache-2.0 */
#include <pico/cyw43_arch.h>
#include <reseal/pico/mqtt.h>

enum { LEAVE_MS = 500 };

static struct {
    const struct reseal_pico_wifi *wifi;
    bool leaving;
    uint32_t since_ms;
    bool wpa3;   /* what the last attempt tried */
    bool worked; /* since that attempt the network was up */
    struct reseal_lwip lwip;
} self;

/*
 * Joining waits until the chip says that it has left: its late answer would otherwise be taken for the end of the new
 * attempt, and the driver would stay "joining" for ever.
 */
static void join(void *context, uint32_t now_ms) {
    (void)context;
    (void)cyw43_wifi_leave(&cyw43_state, CYW43_ITF_STA);
    self.leaving = true;
    self.since_ms = now_ms;
}

/* WPA2, then WPA3 and mixed ones, in turn until one works. */
static uint32_t next_security(void) {
    self.wpa3 = self.worked ? self.wpa3 : !self.wpa3;
    self.worked = false;
    return self.wpa3 ? CYW43_AUTH_WPA3_WPA2_AES_PSK : CYW43_AUTH_WPA2_AES_PSK;
}

static void join_now(void) {
    const bool open = self.wifi->password[0] == '\0';
    self.leaving = false;
    /* If it could not start, the network shows as down, and the link joins again. */
    (void)cyw43_arch_wifi_connect_async(self.wifi->name, open ? NULL : self.wifi->password,
                                        open ? CYW43_AUTH_OPEN : next_security());
}

static bool still_leaving(uint32_t now_ms) {
    const bool left = cyw43_tcpip_link_status(&cyw43_state, CYW43_ITF_STA) == CYW43_LINK_DOWN;
    if (self.leaving && (left || now_ms - self.since_ms >= LEAVE_MS)) {
        join_now();
    }
    return self.leaving;
}

static enum reseal_link_network state(void *context, uint32_t now_ms) {
    (void)context;
    if (still_leaving(now_ms)) {
        return RESEAL_LINK_NETWORK_JOINING;
    }
    switch (cyw43_tcpip_link_status(&cyw43_state, CYW43_ITF_STA)) {
        case CYW43_LINK_UP:
            self.worked = true;
            return RESEAL_LINK_NETWORK_UP;
        case CYW43_LINK_JOIN:
            return RESEAL_LINK_NETWORK_JOINING;
        case CYW43_LINK_NOIP:
            return RESEAL_LINK_NETWORK_WITHOUT_ADDRESS;
        case CYW43_LINK_NONET:
            return RESEAL_LINK_NETWORK_NOT_FOUND;
        case CYW43_LINK_BADAUTH:
            return RESEAL_LINK_NETWORK_WRONG_PASSWORD;
        case CYW43_LINK_FAIL:
            return RESEAL_LINK_NETWORK_FAILED;
        default:
            return RESEAL_LINK_NETWORK_DOWN;
    }
}

const struct reseal_link_driver *reseal_pico_mqtt_open(const struct reseal_pico_wifi *wifi,
                                                       const struct reseal_lwip_config *lwip) {
    if (wifi == NULL || lwip == NULL || wifi->name == NULL || wifi->password == NULL) {
        return NULL;
    }
    self.wifi = wifi;
    self.wpa3 = true;
    self.worked = false;
    cyw43_arch_enable_sta_mode();
    struct reseal_lwip_config config = *lwip;
    config.network = (struct reseal_lwip_network){NULL, join, state};
    return reseal_lwip_open(&self.lwip, &config);
}
