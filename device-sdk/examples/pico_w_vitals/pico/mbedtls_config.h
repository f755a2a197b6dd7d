/* SPDX-License-Identifier: Apache-2.0 */
#if VITALS_CERTIFICATES
#include <reseal/pico/mbedtls_tls.h>
#elif VITALS_TLS
#include <reseal/pico/mbedtls_psk.h>
#else
#include <reseal/pico/mbedtls.h>
#endif
