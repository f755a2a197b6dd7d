/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/pico/lwip.h>

#define NO_SYS 1
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define MEM_ALIGNMENT 4
#define MEM_SIZE 8000
#define LWIP_DHCP 1
#define LWIP_DNS 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1 /* the Wi-Fi chip's driver needs it */
