# SPDX-License-Identifier: Apache-2.0
# MicroPython's unix port: make USER_C_MODULES=RESEAL/device-sdk. Boards are built with micropython.cmake.
ifneq ($(notdir $(CURDIR)),unix)
$(error Reseal: make builds it for MicroPython's unix port only; it needs a port to this board's flash)
endif

RESEAL_PYTHON := $(USERMOD_DIR)
RESEAL_SDK := $(USERMOD_DIR)/..

SRC_USERMOD_C += $(addprefix $(RESEAL_PYTHON)/,common.c device.c module.c provision.c)
SRC_USERMOD_LIB_C += $(addprefix $(RESEAL_PYTHON)/,credentials_json.c posix/store.c)
SRC_USERMOD_LIB_C += $(wildcard $(RESEAL_SDK)/core/*.c $(RESEAL_SDK)/ports/posix/*.c) $(RESEAL_SDK)/crypto/mbedtls.c
CFLAGS_USERMOD += -I$(RESEAL_SDK) -I$(RESEAL_PYTHON)/posix -I$(RESEAL_SDK)/include -I$(RESEAL_SDK)/ports/posix/include

# MicroPython's mbedTLS, and what its configuration and its list of sources leave out.
CFLAGS_USERMOD += -DMBEDTLS_USER_CONFIG_FILE='"python/mbedtls_options.h"'
SRC_THIRDPARTY_C += lib/mbedtls/library/hkdf.c
