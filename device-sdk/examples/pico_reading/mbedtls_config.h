#include <reseal/pico/mbedtls.h>
