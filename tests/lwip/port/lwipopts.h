/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP as on a board, with a clock and a heap that a test controls. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <reseal/pico/lwip.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
void* lwip_test_malloc(size_t size);
void* lwip_test_calloc(size_t count, size_t size);
void lwip_test_free(void* memory);
#ifdef __cplusplus
}
#endif

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_DNS 1
#define DNS_LOCAL_HOSTLIST 1 /* the real broker's certificate is for localhost */
#define DNS_LOCAL_HOSTLIST_INIT \
    { DNS_LOCAL_HOSTLIST_ELEM("localhost", IPADDR4_INIT_BYTES(10, 0, 0, 2)) }
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1 /* the system has them */
#define LWIP_ICMP 1
#define LWIP_STATS 0
#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc lwip_test_malloc
#define mem_clib_calloc lwip_test_calloc
#define mem_clib_free lwip_test_free

/* As in the example for the Pico W. */
#define TCP_MSS 1460
#define TCP_WND (12 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN ((4 * (TCP_SND_BUF) + (TCP_MSS - 1)) / (TCP_MSS))
#define MEMP_NUM_TCP_SEG 32
#define LWIP_ALTCP 1
#define LWIP_ALTCP_TLS 1
#define LWIP_ALTCP_TLS_MBEDTLS 1

/* Both ends of the wire are in one stack: the destination says which netif. */
#define LWIP_HOOK_FILENAME "route.h"
#define LWIP_HOOK_IP4_ROUTE_SRC(source, destination) lwip_test_route(destination)

#endif
