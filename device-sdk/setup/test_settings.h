// SPDX-License-Identifier: Apache-2.0
// What the tests in this folder share: settings, as a structure and in bytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include <reseal/settings.h>

#include "core/test_support.h"

namespace reseal::test {

inline void put(char *to, std::size_t capacity, std::string_view text) {
    std::memset(to, 0, capacity);
    std::copy(text.begin(), text.end(), to);
}

// One DER SEQUENCE of `size` bytes, header included; at least 132.
inline Bytes der(std::size_t size) {
    Bytes made = pattern(size);
    const std::size_t content = size < 256 + 3 ? size - 3 : size - 4;
    const Bytes head = content < 256 ? Bytes{0x30, 0x81, static_cast<std::uint8_t>(content)}
                                     : Bytes{0x30, 0x82, static_cast<std::uint8_t>(content >> 8U),
                                             static_cast<std::uint8_t>(content & 0xFFU)};
    std::copy(head.begin(), head.end(), made.begin());
    return made;
}

template <typename Der>
void put_der(Der& to, std::size_t size) {
    const Bytes made = der(size);
    std::copy(made.begin(), made.end(), to.der);
    to.size = static_cast<std::uint16_t>(size);
}

inline reseal_settings settings() {
    reseal_settings made{};
    put(made.wifi_name, sizeof made.wifi_name, "Station 7");
    put(made.wifi_password, sizeof made.wifi_password, "correct horse");
    put(made.broker, sizeof made.broker, "broker.example");
    made.port = 1883;
    made.has_credentials = true;
    made.credentials = credentials();
    return made;
}

// Settings with every field at its longest.
inline reseal_settings longest_settings() {
    reseal_settings made = settings();
    put(made.wifi_name, sizeof made.wifi_name, std::string(RESEAL_WIFI_NAME_MAX, 'n'));
    put(made.wifi_password, sizeof made.wifi_password, std::string(RESEAL_WIFI_PASSWORD_MAX, 'p'));
    put(made.broker, sizeof made.broker, std::string(RESEAL_BROKER_MAX, 'b'));
    made.port = 65535;
    made.tls = true;
    put(made.credentials.realm, sizeof made.credentials.realm, std::string(RESEAL_REALM_MAX, 'r'));
    put(made.credentials.principal, sizeof made.credentials.principal, std::string(RESEAL_PRINCIPAL_MAX, 'd'));
    put_der(made.ca, RESEAL_CERTIFICATE_MAX);
    put_der(made.certificate, RESEAL_CERTIFICATE_MAX);
    put_der(made.private_key, RESEAL_PRIVATE_KEY_MAX);
    return made;
}

inline Bytes encoded(const reseal_settings& from) {
    Bytes form(RESEAL_SETTINGS_SIZE_MAX);
    reseal_buffer out = room(form);
    if (reseal_settings_encode(&from, &out) != RESEAL_OK) {
        return {};
    }
    form.resize(out.size);
    return form;
}

// A field of the byte form.
inline std::string field(int number, std::string_view value) {
    std::string made(3, static_cast<char>(number));
    made[1] = static_cast<char>(value.size() >> 8U);
    made[2] = static_cast<char>(value.size() & 0xFFU);
    return made.append(value);
}

// The byte form with these fields.
template <typename... Fields>
Bytes form_of(const Fields&...fields) {
    std::string made(1, '\2');
    (made.append(fields), ...);
    return {made.begin(), made.end()};
}

inline bool same(const reseal_settings& a, const reseal_settings& b) {
    return encoded(a) == encoded(b) && !encoded(a).empty();
}

}  // namespace reseal::test
