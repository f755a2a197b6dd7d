/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP for this firmware: no threads, IPv4, TCP, DNS, a DHCP client; and what the link needs. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <reseal/pico/lwip.h>

#define NO_SYS 1
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define MEM_ALIGNMENT 4
#define MEM_SIZE 8000
#define MEMP_NUM_TCP_SEG 32
#define PBUF_POOL_SIZE 24
#define TCP_MSS 1460
#define TCP_WND (12 * TCP_MSS) /* a whole TLS record of 16 KiB: a smaller window would stall forever */
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN ((4 * (TCP_SND_BUF) + (TCP_MSS - 1)) / (TCP_MSS))
#define LWIP_DHCP 1
#define LWIP_DNS 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1 /* the Wi-Fi chip's driver needs it */
#define LWIP_STATS 0

#if VITALS_TLS
#define LWIP_ALTCP 1
#define LWIP_ALTCP_TLS 1
#define LWIP_ALTCP_TLS_MBEDTLS 1
#endif

#endif
