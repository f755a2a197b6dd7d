# SPDX-License-Identifier: Apache-2.0
# Defines reseal::mbedtls, mbedTLS's cryptographic library: the project's own target mbedcrypto or, of mbedTLS 4, tfpsacrypto if
# there is one, else what is installed.
if(TARGET reseal::mbedtls)
  set(ResealMbedTLS_FOUND TRUE)
  return()
endif()

foreach(candidate MbedTLS::mbedcrypto mbedcrypto TF-PSA-Crypto::tfpsacrypto tfpsacrypto)
  if(TARGET ${candidate})
    set(reseal_mbedtls_link ${candidate})
    set(reseal_mbedtls_from "the target ${candidate}")
    break()
  endif()
endforeach()

if(NOT reseal_mbedtls_link)
  find_path(MBEDTLS_INCLUDE_DIR psa/crypto.h)
  find_library(MBEDCRYPTO_LIBRARY NAMES mbedcrypto tfpsacrypto)
  mark_as_advanced(MBEDTLS_INCLUDE_DIR MBEDCRYPTO_LIBRARY)
  if(MBEDTLS_INCLUDE_DIR AND MBEDCRYPTO_LIBRARY)
    set(reseal_mbedtls_link ${MBEDCRYPTO_LIBRARY})
    set(reseal_mbedtls_from ${MBEDCRYPTO_LIBRARY})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ResealMbedTLS REQUIRED_VARS reseal_mbedtls_from
  REASON_FAILURE_MESSAGE "mbedTLS (psa/crypto.h, libmbedcrypto or libtfpsacrypto) was not found: install it, or define its target mbedcrypto or tfpsacrypto before the SDK is added")
if(ResealMbedTLS_FOUND)
  add_library(reseal::mbedtls INTERFACE IMPORTED GLOBAL)
  target_link_libraries(reseal::mbedtls INTERFACE ${reseal_mbedtls_link})
  if(MBEDTLS_INCLUDE_DIR)
    target_include_directories(reseal::mbedtls SYSTEM INTERFACE ${MBEDTLS_INCLUDE_DIR})
  endif()
endif()
unset(reseal_mbedtls_link)
unset(reseal_mbedtls_from)
