// SPDX-License-Identifier: Apache-2.0
// Whatever comes from a broker, or from anybody on the path: nothing is read or written past its end, and packets mean
// the same in whatever pieces they arrive. The input is the size of a piece, then the broker's bytes.
#include <reseal/link_mqtt.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace {

constexpr std::size_t kIncoming = 40;
constexpr std::size_t kOutgoing = 300;

void require(bool property) {
    if (!property) {
        std::abort();
    }
}

// What the bytes come to: events, and what is answered.
class Client {
  public:
    Client() {
        const reseal_link_login login{"client", "user", "password", false};
        require(reseal_mqtt_open(&mqtt_, {incoming_.get(), kIncoming, 0}, {outgoing_.get(), kOutgoing, 0}, &login, 0));
    }

    std::string take(const std::uint8_t* bytes, std::size_t size, std::size_t piece) {
        std::string story;
        for (std::size_t at = 0; at < size;) {
            const std::size_t length = piece < size - at ? piece : size - at;
            std::size_t taken = 0;
            reseal_link_event event{};
            const bool found = reseal_mqtt_take(&mqtt_, {bytes + at, length}, 0, &taken, &event);
            require(taken > 0 && taken <= length && mqtt_.out.size <= kOutgoing);
            at += taken;
            answer(story);
            if (found) {
                tell(event, story);
                if (event.kind == RESEAL_LINK_EVENT_LOST) {
                    break;
                }
            }
        }
        return story;
    }

  private:
    // Only what was to be acknowledged by this call: the next piece begins with an empty output.
    void answer(std::string& story) {
        story.append(reinterpret_cast<const char*>(mqtt_.out.data), mqtt_.out.size);
        reseal_mqtt_sent(&mqtt_, mqtt_.out.size, 0);
    }

    static void tell(const reseal_link_event& event, std::string& story) {
        story += "|" + std::to_string(event.kind) + " " + std::to_string(event.reason) + " " +
                 std::to_string(event.handle) + " ";
        if (event.kind == RESEAL_LINK_EVENT_RECEIVED) {
            require(std::strlen(event.topic) <= RESEAL_DEVICE_TOPIC_MAX && event.payload.size <= kIncoming);
            story += event.topic;
            story.append(reinterpret_cast<const char*>(event.payload.data), event.payload.size);
        }
    }

    // Memory of their own: their ends are watched.
    std::unique_ptr<std::uint8_t[]> incoming_{new std::uint8_t[kIncoming]};
    std::unique_ptr<std::uint8_t[]> outgoing_{new std::uint8_t[kOutgoing]};
    reseal_mqtt mqtt_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::size_t piece = data[0] == 0 ? 1 : data[0];
    require(Client().take(data + 1, size - 1, size) == Client().take(data + 1, size - 1, piece));
    return 0;
}
