/* The clock that mbedTLS 3 asks for where its configuration says MBEDTLS_HAVE_TIME, as with TLS. */
#include <mbedtls/version.h>

#if defined(MBEDTLS_HAVE_TIME) && MBEDTLS_VERSION_MAJOR >= 3
#include <mbedtls/platform_time.h>
#include <pico/time.h>

mbedtls_ms_time_t mbedtls_ms_time(void) {
    return (mbedtls_ms_time_t)(time_us_64() / 1000);
}
#endif
