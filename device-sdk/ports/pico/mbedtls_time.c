/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that mbedTLS 3 needs when its configuration has MBEDTLS_HAVE_TIME, as for TLS. */
#include <mbedtls/version.h>

#if defined(MBEDTLS_HAVE_TIME) && MBEDTLS_VERSION_MAJOR >= 3
#include <mbedtls/platform_time.h>
#include <pico/time.h>

mbedtls_ms_time_t mbedtls_ms_time(void) {
    return (mbedtls_ms_time_t)(time_us_64() / 1000);
}
#endif
