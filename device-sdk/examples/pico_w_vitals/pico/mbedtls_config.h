/* SPDX-License-Identifier: Apache-2.0 */
#if VITALS_TLS
#include <reseal/pico/mbedtls_tls.h>
#else
#include <reseal/pico/mbedtls.h>
#endif
