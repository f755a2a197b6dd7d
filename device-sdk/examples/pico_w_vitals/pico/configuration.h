/* What this one device knows: compiled in, see CMakeLists.txt. */
#ifndef PICO_CONFIGURATION_H
#define PICO_CONFIGURATION_H

#include <reseal/key.h>

struct configuration {
    const struct reseal_credentials *credentials; /* null: this firmware was built without a device */
    const char *wifi_name;
    const char *wifi_password; /* empty: an open network */
    const char *broker;        /* name or address; with TLS, as in its certificate */
    uint16_t port;
    const char *ca; /* PEM, each ending with its NUL; null: a sealed CONNECT instead of TLS */
    const char *certificate;
    const char *key;
};

const struct configuration *configuration_get(void);

#endif
