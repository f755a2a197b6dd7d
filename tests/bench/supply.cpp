// SPDX-License-Identifier: Apache-2.0
#include "bench/supply.h"

#include <algorithm>

#include "bench/failure.h"

namespace bench {
namespace {

constexpr std::uint64_t packet_ids = 65535;
constexpr const char* sealed_content = R"(application/cose; cose-type="cose-encrypt0")";

std::uint16_t packet_id_of(std::uint64_t number, std::size_t publishers) {
    return static_cast<std::uint16_t>(number / publishers % packet_ids + 1);
}

void write_big_endian(std::uint64_t value, std::span<std::uint8_t> to) {
    for (std::size_t i = to.size(); i-- > 0; value >>= 8U) {
        to[i] = static_cast<std::uint8_t>(value & 255U);
    }
}

std::string payload_of(std::uint64_t number, std::size_t size) {
    std::string out(size, 'x');
    std::array<std::uint8_t, number_size> head{};
    write_big_endian(number, head);
    std::copy_n(head.begin(), std::min(size, number_size), out.begin());
    return out;
}

class ClearSupply : public Supply {
  public:
    explicit ClearSupply(const Kind& kind) : kind_(kind) {
        for (const std::string& topic : kind_.topics) {
            packets_.push_back(encode(
                mqtt::Publish{.topic = topic, .payload = payload_of(0, kind_.payload), .qos = kind_.qos, .id = 1},
                kind_.version));
        }
    }

    void append(std::uint64_t number, mqtt::Bytes& to) const override {
        const std::size_t publisher = number % packets_.size();
        const mqtt::Bytes& packet = packets_[publisher];
        const std::size_t begin = to.size();
        to.insert(to.end(), packet.begin(), packet.end());
        const std::span<std::uint8_t> body = std::span(to).subspan(begin);
        const std::size_t payload = packet.size() - kind_.payload;
        write_big_endian(number, body.subspan(payload, number_size));
        if (kind_.qos > 0) {
            const std::size_t properties = kind_.version == mqtt::v5 ? 1 : 0;
            write_big_endian(packet_id_of(number, packets_.size()), body.subspan(payload - properties - 2, 2));
        }
    }

  private:
    Kind kind_;
    std::vector<mqtt::Bytes> packets_;
};

class SealedSupply : public Supply {
  public:
    SealedSupply(const Kind& kind, std::uint64_t messages, const std::vector<reseal::tools::Sender*>& senders) {
        const mqtt::Properties properties =
            kind.version == mqtt::v5 ? mqtt::Properties{{.id = mqtt::Id::content_type, .text = sealed_content}}
                                     : mqtt::Properties{};
        ends_.reserve(messages);
        for (std::uint64_t number = 0; number < messages; ++number) {
            const std::size_t publisher = number % senders.size();
            const std::string& topic = kind.topics[publisher];
            const auto sealed = value_of(senders[publisher]->seal(topic, payload_of(number, kind.payload)));
            const mqtt::Bytes packet = encode(mqtt::Publish{.topic = topic,
                                                            .payload = {sealed.begin(), sealed.end()},
                                                            .qos = kind.qos,
                                                            .id = packet_id_of(number, senders.size()),
                                                            .properties = properties},
                                              kind.version);
            packets_.insert(packets_.end(), packet.begin(), packet.end());
            ends_.push_back(packets_.size());
        }
    }

    void append(std::uint64_t number, mqtt::Bytes& to) const override {
        const auto at = [this](std::size_t place) { return packets_.begin() + static_cast<std::ptrdiff_t>(place); };
        to.insert(to.end(), at(number == 0 ? 0 : ends_[number - 1]), at(ends_[number]));
    }

  private:
    mqtt::Bytes packets_;
    std::vector<std::size_t> ends_;
};

}  // namespace

std::uint64_t number_in(std::span<const std::uint8_t> payload) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; payload.size() >= number_size && i < number_size; ++i) {
        out = out << 8U | payload[i];
    }
    return out;
}

std::unique_ptr<Supply> clear_supply(const Kind& kind) {
    return std::make_unique<ClearSupply>(kind);
}

std::unique_ptr<Supply> sealed_supply(const Kind& kind, std::uint64_t messages,
                                      const std::vector<reseal::tools::Sender*>& senders) {
    return std::make_unique<SealedSupply>(kind, messages, senders);
}

}  // namespace bench
