#include "configuration.h"

#ifdef VITALS_DEVICE
#include <credentials.h>
#include <network.h>
#if VITALS_TLS
#include <certificates.h>
#else
#define VITALS_CA NULL
#define VITALS_CERTIFICATE NULL
#define VITALS_KEY NULL
#endif

static const struct configuration configuration = {
    &reseal_device_credentials, VITALS_WIFI_NAME, VITALS_WIFI_PASSWORD, VITALS_BROKER, VITALS_PORT, VITALS_CA,
    VITALS_CERTIFICATE,         VITALS_KEY};
#else
static const struct configuration configuration = {.wifi_name = "", .wifi_password = "", .broker = ""};
#endif

const struct configuration *configuration_get(void) {
    return &configuration;
}
