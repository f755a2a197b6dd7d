// SPDX-License-Identifier: Apache-2.0
// MQTT 3.1.1 and 5 packets as bytes, both ways: for tests that must control every packet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mqtt {

using Bytes = std::vector<std::uint8_t>;

inline constexpr int v311 = 4;
inline constexpr int v5 = 5;

// The types of MQTT 5, table 2-1.
enum class Type : std::uint8_t {
    connect = 1,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
    auth,
};

// Identifiers of MQTT 5, table 2-4, that the tests use.
enum class Id : std::uint8_t {
    payload_format = 1,
    message_expiry = 2,
    content_type = 3,
    response_topic = 8,
    correlation_data = 9,
    subscription_id = 11,
    session_expiry = 17,
    auth_method = 21,
    auth_data = 22,
    will_delay = 24,
    receive_maximum = 33,
    topic_alias_maximum = 34,
    topic_alias = 35,
    user_property = 38,
};

// `number` for integers, `text` for strings and binary data, `name` and `text` for a pair.
struct Property {
    Id id;
    std::uint32_t number = 0;
    std::string text;
    std::string name;

    bool operator==(const Property&) const = default;
};
using Properties = std::vector<Property>;

// Null if there is none.
const Property* find(const Properties& properties, Id id);

struct Packet {
    Type type{};
    std::uint8_t flags = 0;
    Bytes body;
};

struct Publish {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
    bool dup = false;
    std::uint16_t id = 0;
    Properties properties;
};

struct Will {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
    Properties properties;
};

struct Connect {
    int version = v5;
    std::string client_id;
    bool clean = true;
    std::uint16_t keepalive = 300;  // seconds
    Properties properties;
    std::optional<std::string> username;
    std::optional<std::string> password;
    std::optional<Will> will;
};

// Builds the variable header and payload of a packet.
class Writer {
  public:
    Writer& byte(std::uint8_t value);
    Writer& number(std::uint16_t value);
    Writer& varint(std::uint32_t value);
    Writer& text(std::string_view value);
    Writer& raw(std::string_view value);
    Writer& properties(const Properties& values);
    // The whole packet.
    [[nodiscard]] Bytes packet(Type type, std::uint8_t flags = 0) const;

  private:
    Bytes bytes_;
};

// Throws std::runtime_error beyond the end.
class Reader {
  public:
    explicit Reader(const Bytes& bytes) : bytes_(&bytes) {}
    std::uint8_t byte();
    std::uint16_t number();
    std::uint32_t varint();
    std::string text();
    std::string rest();
    Properties properties();
    [[nodiscard]] bool at_end() const { return at_ == bytes_->size(); }

  private:
    std::string take(std::size_t size);
    Property property();

    const Bytes* bytes_;
    std::size_t at_ = 0;
};

Bytes encode(const Connect& connect);
Bytes encode(const Publish& publish, int version);
Publish decode_publish(const Packet& packet, int version);

// A packet in place, not copied.
struct Frame {
    Type type{};
    std::uint8_t flags = 0;
    std::span<const std::uint8_t> body;
};

// Returns the first whole packet of `bytes` from `at` on, and moves `at` past it; empty if it is incomplete.
std::optional<Frame> next_frame(std::span<const std::uint8_t> bytes, std::size_t& at);

// Copies the first whole packet of `bytes` from `at` on, and moves `at` past it; empty if it is incomplete.
std::optional<Packet> next_packet(const Bytes& bytes, std::size_t& at);

}  // namespace mqtt
