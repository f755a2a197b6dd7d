/* SPDX-License-Identifier: Apache-2.0 */
#include "access_point.h"

#include <lwip/pbuf.h>
#include <lwip/udp.h>
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>
#include <pico/unique_id.h>
#include <string.h>

#include "app/dhcp.h"

enum { REQUEST_MAX = 1500, ID_TEXT = 2 * PICO_UNIQUE_BOARD_ID_SIZE_BYTES + 1, ID_SHOWN = 4 };

static struct dhcp_server server;
static struct udp_pcb *socket;

static void send_answer(const uint8_t *answer) {
    struct pbuf *packet = pbuf_alloc(PBUF_TRANSPORT, DHCP_ANSWER_SIZE, PBUF_RAM);
    if (packet == NULL) {
        return; /* the client asks again */
    }
    memcpy(packet->payload, answer, DHCP_ANSWER_SIZE);
    (void)udp_sendto_if(socket, packet, IP_ADDR_BROADCAST, DHCP_CLIENT_PORT, &cyw43_state.netif[CYW43_ITF_AP]);
    pbuf_free(packet);
}

static void on_request(void *context, struct udp_pcb *pcb, struct pbuf *packet, const ip_addr_t *from, u16_t port) {
    (void)context;
    (void)pcb;
    (void)from;
    static uint8_t request[REQUEST_MAX];
    static uint8_t answer[DHCP_ANSWER_SIZE];
    const size_t size = packet->tot_len;
    if (port == DHCP_CLIENT_PORT && size <= sizeof request && pbuf_copy_partial(packet, request, size, 0) == size &&
        dhcp_answer(&server, (struct reseal_bytes){request, size}, to_ms_since_boot(get_absolute_time()) / 1000,
                    answer)) {
        send_answer(answer);
    }
    pbuf_free(packet);
}

static bool open_dhcp(void) {
    socket = udp_new();
    if (socket == NULL || udp_bind(socket, IP_ANY_TYPE, DHCP_SERVER_PORT) != ERR_OK) {
        return false;
    }
    ip_set_option(socket, SOF_BROADCAST);
    udp_bind_netif(socket, &cyw43_state.netif[CYW43_ITF_AP]);
    udp_recv(socket, on_request, NULL);
    return true;
}

bool access_point_open(void) {
    char id[ID_TEXT];
    pico_get_unique_board_id_string(id, sizeof id);
    char name[] = "Reseal ....";
    memcpy(name + strlen(name) - ID_SHOWN, id + strlen(id) - ID_SHOWN, ID_SHOWN);
    cyw43_arch_enable_ap_mode(name, NULL, CYW43_AUTH_OPEN);
    return open_dhcp();
}

void access_point_close(void) {
    udp_remove(socket);
    socket = NULL;
    cyw43_arch_disable_ap_mode();
}
