# SPDX-License-Identifier: Apache-2.0
# MicroPython's rp2 port, for boards with an RP2040 or RP2350: make USER_C_MODULES=RESEAL/device-sdk/python/micropython.cmake
if(NOT PICO_PLATFORM)
  message(FATAL_ERROR "Reseal: of MicroPython's ports for boards it knows rp2; another needs a port to its flash")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/../cmake/ResealSources.cmake)
set(reseal_python ${CMAKE_CURRENT_LIST_DIR})
list(FILTER reseal_pico_sources INCLUDE REGEX "/(flash|port)\\.c$") # MicroPython has its own way to the flash and its own clock

add_library(usermod_reseal INTERFACE)
target_sources(usermod_reseal INTERFACE
  ${reseal_python}/common.c ${reseal_python}/device.c ${reseal_python}/module.c ${reseal_python}/provision.c
  ${reseal_python}/credentials_json.c ${reseal_python}/rp2/flash_access.c ${reseal_python}/rp2/store.c
  ${reseal_core_sources} ${reseal_crypto_mbedtls_sources} ${reseal_flash_sources} ${reseal_pico_sources}
  ${MICROPY_DIR}/lib/mbedtls/library/hkdf.c)
target_include_directories(usermod_reseal INTERFACE
  ${reseal_folder} ${reseal_python}/rp2 ${reseal_folder}/include ${reseal_folder}/ports/pico/include)
target_compile_definitions(usermod_reseal INTERFACE
  RESEAL_PICO_FLASH_LAYOUT="python/rp2/flash_layout.h"
  MBEDTLS_USER_CONFIG_FILE="python/mbedtls_options.h")
target_link_options(usermod_reseal INTERFACE ${reseal_python}/rp2/flash_layout.ld)
target_link_libraries(usermod INTERFACE usermod_reseal)
