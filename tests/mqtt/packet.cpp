// SPDX-License-Identifier: Apache-2.0
#include "mqtt/packet.h"

#include <algorithm>
#include <stdexcept>

namespace mqtt {

namespace {

enum class Shape : std::uint8_t { byte, number, four, varint, text, pair };

Shape shape_of(Id id) {
    switch (static_cast<int>(id)) {
        case 1:
        case 23:
        case 25:
        case 36:
        case 37:
        case 40:
        case 41:
        case 42:
            return Shape::byte;
        case 2:
        case 17:
        case 24:
        case 39:
            return Shape::four;
        case 11:
            return Shape::varint;
        case 19:
        case 33:
        case 34:
        case 35:
            return Shape::number;
        case 38:
            return Shape::pair;
        default:
            return Shape::text;
    }
}

void write(Writer& out, const Property& property) {
    out.byte(static_cast<std::uint8_t>(property.id));
    switch (shape_of(property.id)) {
        case Shape::byte:
            out.byte(static_cast<std::uint8_t>(property.number));
            return;
        case Shape::number:
            out.number(static_cast<std::uint16_t>(property.number));
            return;
        case Shape::four:
            out.number(static_cast<std::uint16_t>(property.number >> 16U));
            out.number(static_cast<std::uint16_t>(property.number & 0xffffU));
            return;
        case Shape::varint:
            out.varint(property.number);
            return;
        case Shape::text:
            out.text(property.text);
            return;
        case Shape::pair:
            out.text(property.name).text(property.text);
            return;
    }
}

std::uint8_t flags_of(int qos, bool retain, bool dup) {
    return static_cast<std::uint8_t>((dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0));
}

std::uint8_t flags_of(const Connect& connect) {
    int out = connect.clean ? 2 : 0;
    if (connect.will) {
        out |= 4 | (connect.will->qos << 3) | (connect.will->retain ? 32 : 0);
    }
    return static_cast<std::uint8_t>(out | (connect.password ? 64 : 0) | (connect.username ? 128 : 0));
}

void write(Writer& out, const Will& will, int version) {
    if (version == v5) {
        out.properties(will.properties);
    }
    out.text(will.topic).text(will.payload);
}

}  // namespace

const Property* find(const Properties& properties, Id id) {
    const auto found = std::ranges::find(properties, id, &Property::id);
    return found == properties.end() ? nullptr : &*found;
}

Writer& Writer::byte(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
}

Writer& Writer::number(std::uint16_t value) {
    return byte(static_cast<std::uint8_t>(value >> 8U)).byte(static_cast<std::uint8_t>(value & 0xffU));
}

Writer& Writer::varint(std::uint32_t value) {
    for (; value > 127; value >>= 7U) {
        byte(static_cast<std::uint8_t>((value & 127U) | 128U));
    }
    return byte(static_cast<std::uint8_t>(value));
}

Writer& Writer::text(std::string_view value) {
    return number(static_cast<std::uint16_t>(value.size())).raw(value);
}

Writer& Writer::raw(std::string_view value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
}

Writer& Writer::properties(const Properties& values) {
    Writer inner;
    for (const Property& property : values) {
        write(inner, property);
    }
    varint(static_cast<std::uint32_t>(inner.bytes_.size()));
    bytes_.insert(bytes_.end(), inner.bytes_.begin(), inner.bytes_.end());
    return *this;
}

Bytes Writer::packet(Type type, std::uint8_t flags) const {
    Writer out;
    out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4U | flags));
    out.varint(static_cast<std::uint32_t>(bytes_.size()));
    out.bytes_.insert(out.bytes_.end(), bytes_.begin(), bytes_.end());
    return out.bytes_;
}

std::string Reader::take(std::size_t size) {
    if (bytes_->size() - at_ < size) {
        throw std::runtime_error("a packet of the broker ends too early");
    }
    const auto from = bytes_->begin() + static_cast<std::ptrdiff_t>(at_);
    at_ += size;
    return {from, from + static_cast<std::ptrdiff_t>(size)};
}

std::uint8_t Reader::byte() {
    return static_cast<std::uint8_t>(take(1).front());
}

std::uint16_t Reader::number() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8U | byte());
}

std::uint32_t Reader::varint() {
    std::uint32_t out = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t part = byte();
        out |= (part & 127U) << shift;
        if (part < 128) {
            return out;
        }
    }
}

std::string Reader::text() {
    return take(number());
}

std::string Reader::rest() {
    return take(bytes_->size() - at_);
}

Property Reader::property() {
    Property out{.id = static_cast<Id>(byte())};
    switch (shape_of(out.id)) {
        case Shape::byte:
            out.number = byte();
            break;
        case Shape::number:
            out.number = number();
            break;
        case Shape::four:
            out.number = static_cast<std::uint32_t>(number()) << 16U;
            out.number |= number();
            break;
        case Shape::varint:
            out.number = varint();
            break;
        case Shape::pair:
            out.name = text();
            out.text = text();
            break;
        case Shape::text:
            out.text = text();
            break;
    }
    return out;
}

Properties Reader::properties() {
    Properties out;
    const std::uint32_t size = varint();
    for (const std::size_t end = at_ + size; at_ < end;) {
        out.push_back(property());
    }
    return out;
}

Bytes encode(const Connect& connect) {
    Writer out;
    out.text("MQTT").byte(static_cast<std::uint8_t>(connect.version)).byte(flags_of(connect)).number(connect.keepalive);
    if (connect.version == v5) {
        out.properties(connect.properties);
    }
    out.text(connect.client_id);
    if (connect.will) {
        write(out, *connect.will, connect.version);
    }
    if (connect.username) {
        out.text(*connect.username);
    }
    if (connect.password) {
        out.text(*connect.password);
    }
    return out.packet(Type::connect);
}

Bytes encode(const Publish& publish, int version) {
    Writer out;
    out.text(publish.topic);
    if (publish.qos > 0) {
        out.number(publish.id);
    }
    if (version == v5) {
        out.properties(publish.properties);
    }
    return out.raw(publish.payload).packet(Type::publish, flags_of(publish.qos, publish.retain, publish.dup));
}

Publish decode_publish(const Packet& packet, int version) {
    Publish out;
    out.qos = packet.flags >> 1U & 3U;
    out.retain = (packet.flags & 1U) != 0;
    out.dup = (packet.flags & 8U) != 0;
    Reader in(packet.body);
    out.topic = in.text();
    if (out.qos > 0) {
        out.id = in.number();
    }
    if (version == v5) {
        out.properties = in.properties();
    }
    out.payload = in.rest();
    return out;
}

std::optional<Frame> next_frame(std::span<const std::uint8_t> bytes, std::size_t& at) {
    std::size_t size = 0;
    std::size_t from = at + 1;
    for (unsigned shift = 0;; shift += 7) {
        if (from >= bytes.size()) {
            return std::nullopt;
        }
        const std::uint8_t part = bytes[from++];
        size |= static_cast<std::size_t>(part & 127U) << shift;
        if (part < 128) {
            break;
        }
    }
    if (bytes.size() - from < size) {
        return std::nullopt;
    }
    const Frame out{.type = static_cast<Type>(bytes[at] >> 4U),
                    .flags = static_cast<std::uint8_t>(bytes[at] & 15U),
                    .body = bytes.subspan(from, size)};
    at = from + size;
    return out;
}

std::optional<Packet> next_packet(const Bytes& bytes, std::size_t& at) {
    const auto frame = next_frame(bytes, at);
    if (!frame) {
        return std::nullopt;
    }
    return Packet{frame->type, frame->flags, Bytes(frame->body.begin(), frame->body.end())};
}

}  // namespace mqtt
