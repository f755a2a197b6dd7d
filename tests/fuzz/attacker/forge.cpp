// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/forge.h"

#include <array>

#include "fuzz/attacker/mutation.h"
#include "harness/site.h"

namespace attacker {

namespace {

using mqtt::Bytes;
using mqtt::Type;
using mqtt::Writer;

constexpr std::size_t longest_text = 65535;

std::string own(const char* area, const std::string& id, std::size_t which) {
    return area + id + "/" + static_cast<char>('a' + which);
}

}  // namespace

std::uint16_t Forge::packet_id() {
    if (dice_->one_in(30)) {
        return dice_->one_in(2) ? 0 : 65535;
    }
    return static_cast<std::uint16_t>(1 + dice_->below(8));
}

std::string Forge::odd_text() {
    static constexpr std::array<const char*, 18> odd{
        "",          "/",          "//",     "#",      "+",        "ward/+/#", "ward/#/x",          "$share//ward/#",
        "$share/g",  "$share/g/#", "$SYS/#", "$share", "\xff\xfe", "\xc0\x80", "ward/\xed\xa0\x80", "\xef\xbf\xbf",
        "$reseal/#", "ward/{id}/a"};
    switch (dice_->below(12)) {
        case 0:
            return std::string(dice_->below(longest_text + 1), 'a');
        case 1:
            return std::string(dice_->below(300), '/');
        case 2:
            return std::string("ward/\0/a", 8);
        case 3: {
            const Bytes noise = dice_->bytes(dice_->below(40));
            return {noise.begin(), noise.end()};
        }
        default:
            return dice_->pick(odd);
    }
}

std::string Forge::topic(const std::string& id) {
    switch (dice_->below(20)) {
        case 0:
            return odd_text();
        case 1:
            return "ward/honest/pulse";
        case 2:
            return "commands/honest/a";
        case 3:
            return "$reseal/" + id + (dice_->one_in(2) ? "/ack" : "/key");
        case 4:
        case 5:
        case 6:
            return "shared/" + std::string(1, static_cast<char>('a' + dice_->below(3)));
        case 7:
            return own("legacy/", id, dice_->below(3));
        default:
            return own("ward/", id, dice_->below(4));
    }
}

std::string Forge::filter(const std::string& id) {
    static constexpr std::array<const char*, 4> wide{"ward/#", "#", "+/honest/#", "commands/#"};
    switch (dice_->below(12)) {
        case 0:
            return odd_text();
        case 1:
            return dice_->pick(wide);
        case 2:
            return "$share/" + std::string(1, static_cast<char>('g' + dice_->below(3))) + "/" + topic(id);
        case 3:
            return "$share/g/ward/" + id + "/+";
        case 4:
            return "shared/#";
        case 5:
            return "ward/" + id + "/#";
        case 6:
            return "legacy/+/a";
        case 7:
            return "$reseal/" + id + "/#";
        default:
            return topic(id);
    }
}

std::string Forge::client_id(const std::string& id) {
    switch (dice_->below(30)) {
        case 0:
            return odd_text();
        case 1:
            return observer_id;
        case 2:
            return honest_id;
        case 3:
            return "";
        case 4:
        case 5:
        case 6:
        case 7:
        case 8:
        case 9:
        case 10:
        case 11:
            return id + "/" + static_cast<char>('a' + dice_->below(3));
        default:
            return id;
    }
}

std::string Forge::password(Account& account, const std::string& client_id, Door door) {
    static constexpr std::array<reseal_listener, 4> kinds{RESEAL_LISTENER_TLS, RESEAL_LISTENER_LOOPBACK,
                                                          RESEAL_LISTENER_SEALED, RESEAL_LISTENER_LOOPBACK};
    try {
        const std::string right = account.device.proof(client_id, kinds.at(static_cast<std::size_t>(door)));
        switch (dice_->below(30)) {
            case 0: {
                const Bytes changed = mutated(*dice_, {right.begin(), right.end()}, {});
                return {changed.begin(), changed.end()};
            }
            case 1:
                return account.device.proof(client_id, dice_->pick(kinds));
            case 2:
                return account.device.proof(account.id + "/b");
            default:
                return right;
        }
    } catch (const std::runtime_error&) {  // the client id is not a topic
        return "guess";
    }
}

mqtt::Properties Forge::properties() {
    mqtt::Properties out;
    while (dice_->one_in(2)) {
        static constexpr std::array<std::uint8_t, 20> ids{1,  2,  3,  8,  9,  11, 17, 19, 21, 22,
                                                          23, 24, 33, 34, 35, 38, 38, 39, 40, 42};
        static constexpr std::array<std::uint32_t, 8> numbers{0, 1, 2, 10, 127, 65535, 0x7fffffff, 0xffffffff};
        out.push_back({.id = static_cast<mqtt::Id>(dice_->pick(ids)),
                       .number = dice_->pick(numbers),
                       .text = dice_->one_in(4) ? odd_text() : "reply/here",
                       .name = dice_->one_in(8) ? odd_text() : "name"});
    }
    return out;
}

void Forge::fill(Account& account, std::string& topic, std::string& payload) {
    topic = this->topic(account.id);
    const auto kind = dice_->below(12);
    if (kind < 4 || world_->captured().empty()) {
        payload = harness::text(world_->seal(account, topic));
        return;
    }
    const Captured captured = dice_->pick(world_->captured());
    switch (kind) {
        case 4:
            payload.clear();
            return;
        case 5:
            // Without the right to publish it is refused: this text must not arrive.
            payload = world_->ledger.new_text(*dice_);
            return;
        case 6:
            payload = harness::text(captured.message);  // moved here
            return;
        case 7:
        case 8:
            topic = captured.topic;
            payload = harness::text(captured.message);
            return;
        default:
            topic = dice_->one_in(4) ? topic : captured.topic;
            payload = harness::text(mutated(*dice_, captured.message, dice_->pick(world_->captured()).message));
            return;
    }
}

mqtt::Will Forge::will(Account& account, int version) {
    mqtt::Will out{.qos = static_cast<int>(dice_->below(3)), .retain = dice_->one_in(2)};
    fill(account, out.topic, out.payload);
    out.payload.resize(std::min(out.payload.size(), longest_text));
    if (version == mqtt::v5) {
        out.properties = dice_->one_in(2) ? properties() : mqtt::Properties{{.id = mqtt::Id::will_delay, .number = 1}};
    }
    return out;
}

mqtt::Connect Forge::connect(Account& account, Door door, int version) {
    mqtt::Connect out{.version = version, .client_id = client_id(account.id), .clean = dice_->one_in(2)};
    out.keepalive = static_cast<std::uint16_t>(dice_->one_in(5) ? dice_->below(5) : 60);
    if (version == mqtt::v5) {
        out.properties = {{.id = mqtt::Id::session_expiry, .number = static_cast<std::uint32_t>(dice_->below(100))}};
        if (dice_->one_in(4)) {
            out.properties = properties();
        }
    }
    if (!dice_->one_in(20)) {
        out.username = dice_->one_in(20) ? odd_text() : account.id;
        out.password = password(account, out.client_id, door);
    }
    if (version == mqtt::v5 && out.password && dice_->one_in(6)) {
        out.properties.push_back(
            {.id = mqtt::Id::auth_method, .text = dice_->one_in(4) ? "reseal-token" : "reseal-proof"});
        out.properties.push_back({.id = mqtt::Id::auth_data, .text = *out.password});
        out.password.reset();
    }
    if (dice_->one_in(3)) {
        out.will = will(account, version);
    }
    return out;
}

mqtt::Publish Forge::publish(Account& account, int version) {
    mqtt::Publish out{.qos = static_cast<int>(dice_->below(dice_->one_in(50) ? 4 : 3)),
                      .retain = dice_->one_in(4),
                      .dup = dice_->one_in(5),
                      .id = packet_id()};
    fill(account, out.topic, out.payload);
    if (version == mqtt::v5 && dice_->one_in(3)) {
        out.properties = properties();
    }
    return out;
}

Bytes Forge::subscribe(const Account& account, int version) {
    Writer out;
    out.number(packet_id());
    if (version == mqtt::v5) {
        out.properties(dice_->one_in(6) ? properties() : mqtt::Properties{});
    }
    for (std::size_t many = dice_->one_in(40) ? 200 : dice_->below(4); many > 0; --many) {
        const std::uint8_t options = dice_->one_in(8) ? dice_->byte() : static_cast<std::uint8_t>(dice_->below(3));
        out.text(filter(account.id)).byte(options);
    }
    return out.packet(Type::subscribe, 2);
}

Bytes Forge::unsubscribe(const Account& account, int version) {
    Writer out;
    out.number(packet_id());
    if (version == mqtt::v5) {
        out.properties({});
    }
    for (std::size_t many = dice_->below(4); many > 0; --many) {
        out.text(filter(account.id));
    }
    return out.packet(Type::unsubscribe, 2);
}

Bytes Forge::acknowledgement(int version) {
    static constexpr std::array<Type, 5> types{Type::puback, Type::pubrec, Type::pubrel, Type::pubrel, Type::pubcomp};
    const Type type = dice_->pick(types);
    Writer out;
    out.number(packet_id());
    if (version == mqtt::v5 && dice_->one_in(6)) {
        out.byte(dice_->one_in(2) ? 0x92 : dice_->byte()).properties(properties());
    }
    return out.packet(type, type == Type::pubrel ? 2 : 0);
}

Bytes Forge::authenticate(Account& account) {
    static constexpr std::array<std::uint8_t, 4> reasons{0, 0x18, 0x19, 0x80};
    Writer out;
    if (!dice_->one_in(8)) {
        mqtt::Properties what{{.id = mqtt::Id::auth_method, .text = dice_->one_in(3) ? "reseal-token" : "reseal-proof"},
                              {.id = mqtt::Id::auth_data, .text = password(account, account.id, Door::tls)}};
        out.byte(dice_->pick(reasons)).properties(dice_->one_in(6) ? properties() : what);
    }
    return out.packet(Type::auth);
}

Bytes Forge::disconnect(int version) {
    Writer out;
    if (version == mqtt::v5 && dice_->one_in(2)) {
        out.byte(dice_->one_in(2) ? 4 : 0).properties(dice_->one_in(3) ? properties() : mqtt::Properties{});
    }
    return out.packet(Type::disconnect);
}

}  // namespace attacker
