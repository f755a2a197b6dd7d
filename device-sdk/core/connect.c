/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/connect.h>

const char *reseal_connect_prefix(enum reseal_listener listener) {
    switch (listener) {
        case RESEAL_LISTENER_SEALED:
            return "$connect/sealed/";
        case RESEAL_LISTENER_LOOPBACK:
            return "$connect/loopback/";
        case RESEAL_LISTENER_PSK:
            return "$connect/psk/";
        case RESEAL_LISTENER_TLS:
            return "$connect/tls/";
    }
    return "";
}
