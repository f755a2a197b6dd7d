/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/pico/mbedtls.h>
