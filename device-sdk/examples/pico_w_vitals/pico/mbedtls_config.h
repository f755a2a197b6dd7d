#include <reseal/pico/mbedtls_tls.h>
