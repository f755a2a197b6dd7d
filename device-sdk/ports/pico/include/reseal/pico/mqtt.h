/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link (reseal/link.h) on a Pico W or Pico 2 W: Wi-Fi by the CYW43, TCP and TLS by lwIP. It is the library
 * reseal_pico_mqtt, beside reseal_pico, in a project of the Pico SDK 2.2. examples/pico_link is a whole firmware.
 *
 *   cyw43_arch_init();
 *   const struct reseal_link_driver *driver = reseal_pico_mqtt_open(&wifi, &lwip);
 *   reseal_link_open(&link, &config);
 *   for (;;) {
 *       cyw43_arch_poll();
 *       reseal_link_step(&link, to_ms_since_boot(get_absolute_time()));
 *       cyw43_arch_wait_for_work_until(make_timeout_time_ms(10));
 *   }
 */
#ifndef RESEAL_PICO_MQTT_H
#define RESEAL_PICO_MQTT_H

#include <reseal/link_lwip.h>
#include <reseal/link_lwip_tls.h>

/*
 * In the other modes lwIP and its TLS run in an interrupt or in another task: a handshake of seconds there, and mbedTLS
 * allocating while the main loop does, too.
 */
#if defined(PICO_CYW43_ARCH_THREADSAFE_BACKGROUND) && PICO_CYW43_ARCH_THREADSAFE_BACKGROUND
#error "reseal_pico_mqtt works with pico_cyw43_arch_lwip_poll, not with pico_cyw43_arch_lwip_threadsafe_background"
#endif
#if defined(PICO_CYW43_ARCH_FREERTOS) && PICO_CYW43_ARCH_FREERTOS
#error "reseal_pico_mqtt works with pico_cyw43_arch_lwip_poll, not with pico_cyw43_arch_lwip_sys_freertos"
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct reseal_pico_wifi {
    const char *name;
    const char *password; /* empty: an open network; else WPA2 or WPA3, whichever the network has */
};

/*
 * Once, after cyw43_arch_init: becomes a station, and returns the driver. Both arguments must stay; `network` in `lwip`
 * is not used. Null: a pointer is missing. There is one radio, so there is one driver.
 */
const struct reseal_link_driver *reseal_pico_mqtt_open(const struct reseal_pico_wifi *wifi,
                                                       const struct reseal_lwip_config *lwip);

#ifdef __cplusplus
}
#endif
#endif
