/* SPDX-License-Identifier: Apache-2.0 */
/* For wifi_test.cpp, in place of the Pico SDK's header: what the port calls of it. */
#ifndef TEST_CYW43_ARCH_H
#define TEST_CYW43_ARCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int unused;
} cyw43_t;
extern cyw43_t cyw43_state;

enum { CYW43_ITF_STA = 0 };

#define CYW43_LINK_DOWN (0)
#define CYW43_LINK_JOIN (1)
#define CYW43_LINK_NOIP (2)
#define CYW43_LINK_UP (3)
#define CYW43_LINK_FAIL (-1)
#define CYW43_LINK_NONET (-2)
#define CYW43_LINK_BADAUTH (-3)

#define CYW43_AUTH_OPEN (0)
#define CYW43_AUTH_WPA2_AES_PSK (0x00400004)
#define CYW43_AUTH_WPA3_WPA2_AES_PSK (0x01400004)

int cyw43_wifi_leave(cyw43_t *self, int interface);
int cyw43_tcpip_link_status(cyw43_t *self, int interface);
int cyw43_arch_wifi_connect_async(const char *name, const char *password, uint32_t security);
void cyw43_arch_enable_sta_mode(void);

#ifdef __cplusplus
}
#endif
#endif
