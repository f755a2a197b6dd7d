// SPDX-License-Identifier: Apache-2.0
// Eight threads connect, publish, deliver and read while keys are rotated, principals revoked and the ACL reloaded. No
// message is accepted twice, no counter comes twice, and no right outlives its loss. RESEAL_STRESS_MESSAGES says how
// many messages; scripts/test plays a million of them under ThreadSanitizer.
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <reseal/envelope.h>

#include "engine/engine_fixture.h"
#include "engine/opener.h"
#include "policy/reserved.h"

namespace reseal::engine::test {
namespace {

constexpr std::size_t threads = 8;
constexpr std::size_t lanes = threads / 2;  // two threads bring the messages of one device
constexpr std::size_t readers = 6;
constexpr std::size_t batch = 32;
constexpr std::size_t visitors = 40;

std::size_t messages_wanted() {
    const char* wanted = std::getenv("RESEAL_STRESS_MESSAGES");
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 20000;
}

std::string device_name(std::size_t lane) {
    return "device-" + std::to_string(lane);
}
std::string reader_name(std::size_t reader) {
    return "reader-" + std::to_string(reader);
}
std::string visitor_name(std::size_t visitor) {
    return "visitor-" + std::to_string(visitor);
}

// The messages that both threads of a lane bring, each in its own order.
struct Lane {
    explicit Lane(const reseal_credentials& credentials) : device(credentials) {}

    void next(const std::string& under) {
        for (std::size_t i = 0; i < batch; ++i) {
            messages[i] = device.seal("72 beats a minute", under);
            accepted[i] = 0;
        }
    }

    Endpoint device;
    std::array<std::vector<std::uint8_t>, batch> messages;
    std::array<std::atomic<int>, batch> accepted{};
    std::barrier<> meeting{2};
};

// Key, epoch and counter of what was sealed: under one of them, nothing is ever sealed twice.
using Position = std::tuple<KeyId, std::uint32_t, std::array<std::uint8_t, RESEAL_SALT_SIZE>, std::uint32_t>;

Position position_of(Payload sealed) {
    const ParsedMessage message({}, sealed);
    EXPECT_TRUE(message.sealed());
    std::array<std::uint8_t, RESEAL_SALT_SIZE> salt{};
    std::copy(std::begin(message.envelope.epoch.salt), std::end(message.envelope.epoch.salt), salt.begin());
    return {key_id_of(message.envelope), message.envelope.epoch.number, salt, message.envelope.counter};
}

class ThreadsTest : public EngineTest {
  protected:
    ThreadsTest() {
        for (std::size_t i = 0; i < lanes; ++i) {
            add(device_name(i), "wearable");
        }
        for (std::size_t i = 0; i < readers; ++i) {
            add(reader_name(i), "clinician");
        }
        for (std::size_t i = 0; i < visitors; ++i) {
            add(visitor_name(i), "monitor");
        }
        open();
        for (std::size_t i = 0; i < lanes; ++i) {
            lanes_.push_back(std::make_unique<Lane>(credentials(device_name(i))));
        }
        for (std::size_t i = 0; i < readers; ++i) {
            readers_.push_back(session(reader_name(i)));
        }
        for (std::size_t i = 0; i < visitors; ++i) {
            visitors_.push_back(session(visitor_name(i)));
        }
    }

    // "monitor" may read, or may not.
    static policy::Policy rights(bool monitors_read) {
        policy::Acl acl;
        const auto rule = [](const char* pattern) {
            return policy::Rule{.pattern = pattern, .clear = false, .origin = {}, .limits = {}, .realm = {}};
        };
        acl.roles["wearable"].publish = {rule("ward/{id}/#")};
        acl.roles["clinician"].subscribe = {rule("ward/#")};
        acl.roles["clinician"].deliver = {rule("ward/#")};
        if (monitors_read) {
            acl.roles["monitor"].deliver = {rule("ward/#")};
        }
        return policy::Policy(acl);
    }

    static Settings settings() {
        Settings out;
        out.budgets.principal.connects = 0;  // as often as it likes
        return out;
    }

    std::vector<std::unique_ptr<Lane>> lanes_;
    std::vector<SessionId> readers_;
    std::vector<SessionId> visitors_;
    std::array<std::atomic<bool>, visitors> revoked_{};
    std::atomic<bool> monitors_may_not_read_{false};
    std::atomic<std::uint64_t> reloads_{0};
    std::atomic<std::size_t> working_{threads};
    std::atomic<std::size_t> accepted_{0};
    std::atomic<std::size_t> refused_as_replay_{0};
    std::atomic<std::size_t> delivered_{0};
    std::atomic<std::size_t> outlived_{0};
    std::array<std::vector<Position>, threads> positions_;
};

// One of the eight.
class Player {
  public:
    Player(Engine& engine, std::size_t number, Lane& lane) : worker_(engine), number_(number), lane_(&lane) {}

    [[nodiscard]] Worker& worker() { return worker_; }
    [[nodiscard]] Lane& lane() { return *lane_; }
    [[nodiscard]] bool leads() const { return number_ % 2 == 0; }
    [[nodiscard]] std::string device() const { return device_name(number_ / 2); }
    [[nodiscard]] Sealing sealing() const {
        constexpr std::array ways{Sealing::at_once, Sealing::together, Sealing::foreseen};
        return ways.at(number_ % ways.size());
    }
    // Each thread of a lane has its own order.
    [[nodiscard]] std::size_t turn(std::size_t i) const { return leads() ? i : batch - 1 - i; }

  private:
    Worker worker_;
    std::size_t number_;
    Lane* lane_;
};

TEST_F(ThreadsTest, NeverAcceptTwiceNeverReuseACounterAndRespectLostRights) {
    engine_->reconfigure(rights(true), settings());
    const std::size_t rounds = std::max<std::size_t>(messages_wanted() / (lanes * batch), 1);

    const auto deliver_to_two = [&](Player& player, Payload message, const std::string& under, std::size_t number,
                                    std::size_t first) {
        std::vector<Bytes> sealed;
        for (const std::size_t reader : {first % readers, (first + 1) % readers}) {
            Delivered out =
                player.worker().deliver(readers_[reader], kept(under, message, Occasion::stored), player.sealing());
            ASSERT_EQ(out.form, Delivered::Form::sealed) << name_of(out.refusal);
            sealed.push_back(std::move(out.payload));
        }
        player.worker().complete();
        for (const Bytes& each : sealed) {
            positions_.at(number).push_back(position_of(each.get()));
        }
        delivered_ += sealed.size();
    };
    const auto deliver_to_visitor = [&](Player& player, Payload message, const std::string& under, std::size_t which) {
        const bool lost = revoked_.at(which);
        const bool denied = monitors_may_not_read_;
        const std::uint64_t reloads = reloads_;
        const Delivered out = player.worker().deliver(visitors_[which], kept(under, message, Occasion::stored));
        const bool sealed = out.form == Delivered::Form::sealed;
        outlived_ += sealed && (lost || (denied && reloads == reloads_)) ? 1 : 0;
    };
    const auto come_and_go = [&](Player& player, std::size_t number, std::size_t round) {
        const std::string id = player.device() + "/" + std::to_string(number) + "-" + std::to_string(round);
        Peer peer;
        peer.client_id = id;
        peer.certificate = PeerCertificate{
            .fingerprint = fingerprint(player.device()), .not_before = now - 100, .not_after = now + 100};
        const Connected other = player.worker().connect(peer, now);
        ASSERT_TRUE(other);
        EXPECT_TRUE(player.worker().subscribe(other.session, policy::ack_topic(player.device()), 1, 0));
        EXPECT_TRUE(player.worker().subscribe(other.session, policy::key_topic(player.device()), 1, 0));
        (void)player.worker().acknowledgements();
        (void)player.worker().rekeys();
        player.worker().disconnected(other.session);
        player.worker().end(other.session);
        EXPECT_EQ(player.worker().publish(other.session, {topic, {}}).refusal, Refusal::no_session);
        const SessionId away = player.worker().resume(player.device(), id);
        EXPECT_TRUE(away);
        player.worker().end(away);
    };
    const auto play = [&](std::size_t number) {
        Player player(*engine_, number, *lanes_[number / 2]);
        const std::string under = "ward/" + player.device() + "/pulse";
        Peer peer;
        const std::string id = player.device() + "/" + std::to_string(number);
        peer.client_id = id;
        peer.certificate = PeerCertificate{
            .fingerprint = fingerprint(player.device()), .not_before = now - 100, .not_after = now + 100};
        const SessionId session = player.worker().connect(peer, now).session;
        for (std::size_t round = 0; round < rounds; ++round) {
            if (player.leads()) {
                player.lane().next(under);
            }
            player.lane().meeting.arrive_and_wait();
            for (std::size_t i = 0; i < batch; ++i) {
                const std::size_t which = player.turn(i);
                const auto& message = player.lane().messages.at(which);
                const Refusal refusal = player.worker().publish(session, {under, message, 1}).refusal;
                if (refusal == Refusal::none) {
                    ++player.lane().accepted.at(which);
                    ++accepted_;
                    deliver_to_two(player, message, under, number, round + i);
                    deliver_to_visitor(player, message, under, (round + i) % visitors);
                } else {
                    EXPECT_EQ(refusal, Refusal::replay);
                    ++refused_as_replay_;
                }
            }
            player.lane().meeting.arrive_and_wait();
            if (player.leads()) {
                for (const std::atomic<int>& each : player.lane().accepted) {
                    EXPECT_EQ(each, 1);
                }
                engine_->settle();
            }
            if (round % 16 == number) {
                come_and_go(player, number, round);
            }
            player.worker().idle();
        }
        player.worker().end(session);
        --working_;
    };

    std::vector<std::thread> all;
    for (std::size_t number = 0; number < threads; ++number) {
        all.emplace_back(play, number);
    }
    std::size_t changes = 0;
    std::size_t next_visitor = 0;
    while (working_ > 0) {
        // A right ends, and comes back.
        const bool may = changes % 2 == 1;
        if (may) {
            monitors_may_not_read_ = false;
        }
        ++reloads_;
        engine_->reconfigure(rights(may), settings());
        monitors_may_not_read_ = !may;
        // Keys change.
        rotate_over_the_air(reader_name(changes % readers), 60, static_cast<std::uint32_t>(changes / readers) + 2);
        // A principal is revoked, while it may read.
        if (may && next_visitor < visitors) {
            ASSERT_TRUE(registry().revoke(visitor_name(next_visitor), {"lost", {}}));
        }
        const Engine::Refreshed refreshed = engine_->refresh(now);
        for (const std::string& dropped : refreshed.dropped) {
            const auto which = static_cast<std::size_t>(std::stoul(dropped.substr(dropped.find('-') + 1)));
            worker_->end(visitors_.at(which));
            revoked_.at(which) = true;
        }
        next_visitor += may ? 1 : 0;
        ++changes;
        (void)worker_->rekeys();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (std::thread& each : all) {
        each.join();
    }

    EXPECT_EQ(accepted_, rounds * lanes * batch);
    EXPECT_EQ(refused_as_replay_, accepted_) << "each was brought twice";
    EXPECT_EQ(outlived_, 0U);
    std::vector<Position> positions;
    for (const auto& each : positions_) {
        positions.insert(positions.end(), each.begin(), each.end());
    }
    EXPECT_EQ(positions.size(), delivered_);
    std::ranges::sort(positions);
    EXPECT_EQ(std::ranges::adjacent_find(positions), positions.end()) << "a counter came twice";
    EXPECT_EQ(log_.find("internal"), std::string::npos);
    RecordProperty("messages", static_cast<int>(accepted_));
    RecordProperty("changes", static_cast<int>(changes));
    std::printf("%zu messages, %zu deliveries, %zu changes of keys and rights, %zu revocations\n", accepted_.load(),
                delivered_.load(), changes, std::min(next_visitor, visitors));
}

}  // namespace
}  // namespace reseal::engine::test
