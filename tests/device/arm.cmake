# SPDX-License-Identifier: Apache-2.0
# Debian's cross compiler and its C library for small processors.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_C_FLAGS_INIT -specs=picolibc.specs)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
