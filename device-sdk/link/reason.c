/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/link_driver.h>

struct text {
    enum reseal_link_reason reason;
    const char *text;
};

static const struct text texts[] = {
    {RESEAL_LINK_FINE, "nothing is wrong"},
    {RESEAL_LINK_NO_SUCH_NETWORK, "there is no Wi-Fi network of this name in reach"},
    {RESEAL_LINK_BAD_PASSWORD, "the Wi-Fi password is wrong, or the network wants another kind of security"},
    {RESEAL_LINK_NOT_JOINED, "the Wi-Fi network could not be joined"},
    {RESEAL_LINK_NO_ADDRESS, "the Wi-Fi network gives no address: DHCP does not answer"},
    {RESEAL_LINK_NETWORK_LOST, "the network was lost"},
    {RESEAL_LINK_NO_NAME, "the broker's name has no address, or DNS does not answer"},
    {RESEAL_LINK_NO_ANSWER, "the broker's machine does not answer"},
    {RESEAL_LINK_PORT_CLOSED, "the broker's machine answers, but nothing listens on this port"},
    {RESEAL_LINK_CLOSED, "the other side closed the connection"},
    {RESEAL_LINK_RESET, "the other side reset the connection"},
    {RESEAL_LINK_NO_MEMORY, "there is no memory for a connection"},
    {RESEAL_LINK_TLS_UNTRUSTED, "the broker's certificate is not from our CA"},
    {RESEAL_LINK_TLS_WRONG_NAME, "the broker's certificate has another name than the one we connect to"},
    {RESEAL_LINK_TLS_EXPIRED, "the broker's certificate is expired, not valid yet, or revoked"},
    {RESEAL_LINK_TLS_OWN_CERTIFICATE, "the broker does not accept our certificate"},
    {RESEAL_LINK_TLS_NOTHING_IN_COMMON,
     "the broker wants a certificate that we do not have, or no TLS version and cipher that we have"},
    {RESEAL_LINK_TLS_FAILED, "the TLS handshake failed"},
    {RESEAL_LINK_TLS_NO_ANSWER, "the broker does not finish the TLS handshake: is this its port for TLS?"},
    {RESEAL_LINK_TLS_OWN_KEY, "the broker does not know our key for TLS, or has another one under its name"},
    {RESEAL_LINK_REFUSED_VERSION, "the broker does not take MQTT 3.1.1"},
    {RESEAL_LINK_REFUSED_CLIENT_ID, "the broker does not take this client id"},
    {RESEAL_LINK_REFUSED_UNAVAILABLE, "the broker says that it is not available"},
    {RESEAL_LINK_REFUSED_LOGIN, "the broker does not take our user name or password: is this still our key?"},
    {RESEAL_LINK_REFUSED_RIGHTS, "the broker does not let us in: its log says why"},
    {RESEAL_LINK_REFUSED_OTHER, "the broker refused us for a reason that MQTT 3.1.1 does not know"},
    {RESEAL_LINK_NO_CONNACK, "the broker does not answer CONNECT: is this its port without TLS?"},
    {RESEAL_LINK_NO_SUBACK, "the broker does not answer a subscription"},
    {RESEAL_LINK_NO_ACKNOWLEDGEMENT, "the broker does not acknowledge what we send"},
    {RESEAL_LINK_NO_PINGRESP, "the broker has been silent for too long"},
    {RESEAL_LINK_BAD_PACKET, "the other side does not speak MQTT 3.1.1"},
    {RESEAL_LINK_TAKEN_OVER,
     "the broker takes us and soon ends the connection, again and again: is another board using this client id?"},
    {RESEAL_LINK_NO_LOGIN, "the device cannot prove its key"},
    {RESEAL_LINK_NEW_KEY, "connects with the key that came over the air"},
};

const char *reseal_link_reason_text(enum reseal_link_reason reason) {
    const char *found = "unknown reason";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        found = texts[i].reason == reason ? texts[i].text : found;
    }
    return found;
}
