/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Reseal needs of mbedTLS and MicroPython's own configuration leaves out. mbedTLS reads it after that one, because
 * it is named by MBEDTLS_USER_CONFIG_FILE.
 */
#ifndef RESEAL_MICROPYTHON_MBEDTLS_OPTIONS_H
#define RESEAL_MICROPYTHON_MBEDTLS_OPTIONS_H

#ifndef MBEDTLS_CCM_C
#define MBEDTLS_CCM_C /* AES-CCM, which `provision add` gives */
#endif
#ifndef MBEDTLS_HKDF_C
#define MBEDTLS_HKDF_C
#endif

#endif
