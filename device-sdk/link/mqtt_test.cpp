// SPDX-License-Identifier: Apache-2.0
#include <reseal/link_mqtt.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/test_support.h"

namespace reseal::test {
namespace {

using namespace std::string_literals;

const std::string accepted = "\x20\x02\x00\x00"s;

std::string packet(char first, const std::string& body) {
    std::string out(1, first);
    std::size_t length = body.size();
    do {
        out += static_cast<char>((length & 0x7F) | (length > 0x7F ? 0x80 : 0));
        length >>= 7;
    } while (length > 0);
    return out + body;
}

std::string text_of(std::string_view text) {
    return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())} + std::string(text);
}

std::string publish_1(const std::string& topic, const std::string& payload, const std::string& id = "\x01\x02"s) {
    return packet('\x32', text_of(topic) + id + payload);
}

class Mqtt : public testing::Test {
  protected:
    Mqtt() { open(); }

    void open(bool lasting = false) {
        const reseal_link_login login{"bed-12", "bed-12", "secret", lasting};
        ASSERT_TRUE(reseal_mqtt_open(&mqtt, room(in), room(out), &login, 1000));
    }

    void connect() {
        take_output();
        ASSERT_EQ(take(accepted), std::vector<std::string>{"connected"});
    }

    // What the broker's bytes come to, whatever pieces they arrive in.
    std::vector<std::string> take(const std::string& bytes, std::size_t piece = 1000) {
        std::vector<std::string> found;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::string part = bytes.substr(at, piece);
            std::size_t taken = 0;
            reseal_link_event event{};
            if (reseal_mqtt_take(&mqtt, view(part), now, &taken, &event)) {
                found.push_back(describe(event));
                if (event.kind == RESEAL_LINK_EVENT_LOST) {
                    return found;
                }
            }
            at += taken;
        }
        return found;
    }

    static std::string describe(const reseal_link_event& event) {
        switch (event.kind) {
            case RESEAL_LINK_EVENT_CONNECTED:
                return "connected";
            case RESEAL_LINK_EVENT_LOST:
                return "lost " + std::to_string(event.reason) + " " + std::to_string(event.code);
            case RESEAL_LINK_EVENT_ACKNOWLEDGED:
                return "acknowledged " + std::to_string(event.handle);
            case RESEAL_LINK_EVENT_GRANTED:
                return "granted " + std::to_string(event.handle);
            case RESEAL_LINK_EVENT_DENIED:
                return "denied " + std::to_string(event.handle);
            case RESEAL_LINK_EVENT_RECEIVED:
                return "received "s + event.topic + " " +
                       std::string(reinterpret_cast<const char *>(event.payload.data), event.payload.size);
            case RESEAL_LINK_EVENT_TOO_LARGE:
                return "too large";
            default:
                return "";
        }
    }

    std::string take_output() {
        // The parser acknowledges with its next call.
        std::size_t taken = 0;
        reseal_link_event event{};
        EXPECT_FALSE(reseal_mqtt_take(&mqtt, {nullptr, 0}, now, &taken, &event));
        std::string bytes(mqtt.out.data, mqtt.out.data + mqtt.out.size);
        reseal_mqtt_sent(&mqtt, mqtt.out.size, now);
        return bytes;
    }

    static std::string bad_packet(int first) {
        return "lost " + std::to_string(RESEAL_LINK_BAD_PACKET) + " " + std::to_string(first & 0xFF);
    }

    reseal_message message(std::string& payload) {
        reseal_message made{};
        std::strcpy(made.topic, "ward/pulse");
        made.payload = {reinterpret_cast<std::uint8_t *>(payload.data()), payload.size(), payload.size()};
        return made;
    }

    Bytes in = Bytes(64);
    Bytes out = Bytes(400);
    std::uint32_t now = 1000;
    reseal_mqtt mqtt{};
};

TEST_F(Mqtt, ConnectsWithNamePasswordAndACleanSession) {
    EXPECT_EQ(take_output(), packet('\x10', text_of("MQTT") + "\x04\xC2\x00\x1E"s + text_of("bed-12") +
                                                text_of("bed-12") + text_of("secret")));
    EXPECT_TRUE(all_zero(out)) << "the password is wiped once it is sent";
    open(true);
    EXPECT_EQ(take_output()[9], '\xC0') << "clean session 0";
}

TEST_F(Mqtt, TellsWhyTheBrokerRefuses) {
    for (int code = 1; code <= 6; ++code) {
        open();
        const int reason = std::min(static_cast<int>(RESEAL_LINK_REFUSED_VERSION) + code - 1,
                                    static_cast<int>(RESEAL_LINK_REFUSED_OTHER));
        EXPECT_EQ(take("\x20\x02\x00"s + static_cast<char>(code)),
                  std::vector<std::string>{"lost " + std::to_string(reason) + " " + std::to_string(code)});
    }
}

TEST_F(Mqtt, PublishesAndSubscribesAtQos1) {
    connect();
    std::string payload = "sealed";
    const reseal_message sent = message(payload);
    EXPECT_EQ(reseal_mqtt_publish(&mqtt, 3, &sent), RESEAL_LINK_SENT);
    EXPECT_TRUE(reseal_mqtt_subscribe(&mqtt, 17, "commands/#"));
    EXPECT_EQ(take_output(), packet('\x32', text_of("ward/pulse") + "\x00\x03"s + "sealed") +
                                 packet('\x82', "\x00\x11"s + text_of("commands/#") + "\x01"s));
    EXPECT_EQ(take("\x40\x02\x00\x03\x90\x03\x00\x11\x01\x90\x03\x00\x12\x80"s),
              (std::vector<std::string>{"acknowledged 3", "granted 17", "denied 18"}));
}

TEST_F(Mqtt, TakesWhatArrivesSplitAnywhere) {
    const std::string all = accepted + publish_1("a/b", "payload") + "\x40\x02\x00\x03"s +
                            packet('\x30', text_of("c") + "0") + "\xD0\x00"s + publish_1("d", "");
    for (std::size_t piece = 1; piece <= all.size(); ++piece) {
        open();
        EXPECT_EQ(take(all, piece), (std::vector<std::string>{"connected", "received a/b payload", "acknowledged 3",
                                                              "received c 0", "received d "}))
            << "in pieces of " << piece;
    }
}

TEST_F(Mqtt, AcknowledgesAMessageOnlyAfterItWasTaken) {
    connect();
    std::size_t taken = 0;
    reseal_link_event event{};
    const std::string bytes = publish_1("a", "x");
    ASSERT_TRUE(reseal_mqtt_take(&mqtt, view(bytes), now, &taken, &event));
    EXPECT_EQ(mqtt.out.size, 0U);
    EXPECT_EQ(take_output(), "\x40\x02\x01\x02"s);
}

TEST_F(Mqtt, SurvivesTopicsAndPayloadsOfAnySize) {
    connect();
    const std::string longest(RESEAL_DEVICE_TOPIC_MAX, 't');
    EXPECT_EQ(take(publish_1(longest, "x")), std::vector<std::string>{"received " + longest + " x"});
    EXPECT_EQ(take(publish_1(longest + "t", "x", "\x05\x06"s)), std::vector<std::string>{"too large"});
    EXPECT_EQ(take(publish_1(std::string(65535, 't'), "x")), std::vector<std::string>{"too large"});
    EXPECT_EQ(take(publish_1("a", std::string(64, 'x'))),
              std::vector<std::string>{"received a " + std::string(64, 'x')});
    EXPECT_EQ(take(publish_1("a", std::string(65, 'x'))), std::vector<std::string>{"too large"});
    EXPECT_EQ(take(publish_1("a", std::string(300'000, 'x'))), std::vector<std::string>{"too large"});
    EXPECT_EQ(take(publish_1("a", "next")), std::vector<std::string>{"received a next"});
    const std::string answers = take_output();
    EXPECT_EQ(answers.size(), 7 * 4U) << "each is acknowledged, or it would come again for ever";
    EXPECT_EQ(answers.substr(4, 4), "\x40\x02\x05\x06"s);
}

TEST_F(Mqtt, SaysWhenAMessageNeverFitsAndWhenItDoesNotFitNow) {
    std::string payload(160, 'x');
    const reseal_message sent = message(payload);
    EXPECT_EQ(reseal_mqtt_publish(&mqtt, 1, &sent), RESEAL_LINK_BUSY) << "no CONNACK yet";
    connect();
    EXPECT_EQ(reseal_mqtt_publish(&mqtt, 1, &sent), RESEAL_LINK_SENT);
    EXPECT_EQ(reseal_mqtt_publish(&mqtt, 2, &sent), RESEAL_LINK_BUSY);
    take_output();
    EXPECT_EQ(reseal_mqtt_publish(&mqtt, 2, &sent), RESEAL_LINK_SENT);
    std::string larger(400, 'x');
    const reseal_message never = message(larger);
    EXPECT_EQ(reseal_mqtt_publish(&mqtt, 3, &never), RESEAL_LINK_SENT_TOO_LARGE);
    const reseal_link_login login{"bed-12", "bed-12", "secret", false};
    Bytes small(60);
    reseal_mqtt other{};
    EXPECT_FALSE(reseal_mqtt_open(&other, room(in), room(small), &login, 0));
}

TEST_F(Mqtt, WaitsWithReadingUntilThereIsRoomForAPuback) {
    connect();
    EXPECT_EQ(take(publish_1("a", "1")), std::vector<std::string>{"received a 1"});
    const std::size_t before = mqtt.out.capacity;
    mqtt.out.capacity = mqtt.out.size + 3;
    std::size_t taken = 1;
    reseal_link_event event{};
    const std::string bytes = publish_1("a", "2");
    EXPECT_FALSE(reseal_mqtt_take(&mqtt, view(bytes), now, &taken, &event));
    EXPECT_EQ(taken, 0U);
    mqtt.out.capacity = before;
    EXPECT_TRUE(reseal_mqtt_take(&mqtt, view(bytes), now, &taken, &event));
    EXPECT_EQ(taken, bytes.size());
}

TEST_F(Mqtt, EndsTheConnectionAtWhatABrokerMayNotSend) {
    const std::vector<std::pair<const char *, std::string>> all{
        {"a second CONNACK", accepted},
        {"a remaining length of five bytes", "\x32\xFF\xFF\xFF\xFF\x01"s},
        {"only continuation bits", std::string(300, '\xFF')},
        {"QoS 2", packet('\x34', text_of("a") + "\x01\x02x"s)},
        {"QoS 3", packet('\x36', text_of("a") + "\x01\x02x"s)},
        {"no packet id", packet('\x32', text_of("a") + "\x00\x00x"s)},
        {"an empty topic", packet('\x30', text_of("") + "x")},
        {"a NUL in the topic", packet('\x30', text_of("a\0b"s) + "x")},
        {"a topic longer than the packet", packet('\x30',
                                                  "\x00\x09"
                                                  "ab"s)},
        {"a PUBLISH without a topic's size", "\x30\x01\x00"s},
        {"a PUBLISH without room for its id", packet('\x32', text_of("abc"))},
        {"a PUBACK of three bytes", "\x40\x03\x00\x01\x00"s},
        {"a PUBACK of one byte", "\x40\x01\x00"s},
        {"a SUBACK of two codes", "\x90\x04\x00\x01\x01\x01"s},
        {"a PINGRESP with a body", "\xD0\x01\x00"s},
        {"a PUBREL", "\x62\x02\x00\x01"s},
        {"a CONNECT", "\x10\x00"s},
        {"a reserved type", "\xF0\x00"s},
    };
    for (const auto& [what, bytes] : all) {
        open();
        connect();
        EXPECT_EQ(take(bytes), std::vector<std::string>{bad_packet(bytes[0])}) << what;
    }
    open();
    EXPECT_EQ(take("\x40\x02\x00\x01"s), std::vector<std::string>{bad_packet(0x40)}) << "before CONNACK";
    open();
    EXPECT_EQ(take(publish_1("a", "x")), std::vector<std::string>{bad_packet(0x32)}) << "before CONNACK";
}

TEST_F(Mqtt, AsksASilentBrokerAndGivesItUp) {
    connect();
    now += RESEAL_MQTT_PING_MS - 1;
    EXPECT_TRUE(reseal_mqtt_tend(&mqtt, now));
    EXPECT_EQ(mqtt.out.size, 0U);
    now += 1;
    EXPECT_TRUE(reseal_mqtt_tend(&mqtt, now));
    EXPECT_EQ(take_output(), "\xC0\x00"s);
    EXPECT_TRUE(take("\xD0\x00"s).empty());
    now += RESEAL_MQTT_SILENCE_MS - 1;
    EXPECT_TRUE(reseal_mqtt_tend(&mqtt, now));
    now += 1;
    EXPECT_FALSE(reseal_mqtt_tend(&mqtt, now));
}

}  // namespace
}  // namespace reseal::test
