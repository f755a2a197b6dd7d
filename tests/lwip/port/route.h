/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LWIP_TEST_ROUTE_H
#define LWIP_TEST_ROUTE_H

#include <lwip/ip4_addr.h>

#ifdef __cplusplus
extern "C" {
#endif

struct netif;
struct netif* lwip_test_route(const ip4_addr_t* destination);

#ifdef __cplusplus
}
#endif
#endif
