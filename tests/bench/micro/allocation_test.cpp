// SPDX-License-Identifier: Apache-2.0
// A message's path through the engine, OpenSSL included, allocates only the buffer that the broker takes over. The
// fixture gets that from malloc itself.
#include <openssl/crypto.h>

#include "engine/engine_fixture.h"
#include "policy/allocation_count.h"

namespace reseal::engine::test {
namespace {

// OpenSSL uses operator new, too, so that one count covers everything. It must be told before it first allocates.
void* allocate(std::size_t size, const char* /*file*/, int /*line*/) {
    return ::operator new(size);
}

void* reallocate(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
    ::operator delete(::operator new(size));  // counts
    return std::realloc(memory, size);
}

void release(void* memory, const char* /*file*/, int /*line*/) {
    ::operator delete(memory);
}

const bool openssl_is_counted = CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;

class Allocations : public EngineTest {
  protected:
    static constexpr int times = 100;

    // How often `call` allocates, after one warm-up call.
    template <class Call>
    static std::size_t of(Call&& call) {
        call(0);
        const std::size_t before = policy::allocation_count();
        for (int i = 1; i <= times; ++i) {
            call(i);
        }
        return policy::allocation_count() - before;
    }

    static std::vector<std::vector<std::uint8_t>> messages(Endpoint& device) {
        std::vector<std::vector<std::uint8_t>> out;
        for (int i = 0; i <= times; ++i) {
            out.push_back(device.seal("72 beats a minute"));
        }
        return out;
    }
};

TEST_F(Allocations, AreCountedInOpenSslToo) {
    ASSERT_TRUE(openssl_is_counted);
    EXPECT_EQ(of([](int) { OPENSSL_free(OPENSSL_malloc(1)); }), static_cast<std::size_t>(times));
}

TEST_F(Allocations, AreZeroForASealedMessageAndItsDeliveries) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    const SessionId monitor = session("monitor");
    Endpoint device(credentials("pico"));
    const auto sealed = messages(device);
    bool all = true;
    EXPECT_EQ(of([&](int i) {
                  all = worker_->publish(pico, {topic, sealed[i]}).refusal == Refusal::none && all;
                  for (const SessionId each : {nurse, monitor}) {
                      const Delivered out = deliver(each, topic, sealed[i], Occasion::fan_out);
                      all = out.form == Delivered::Form::sealed && all;
                  }
              }),
              0U);
    EXPECT_TRUE(all) << log_;
}

TEST_F(Allocations, AreZeroForADeliveryInClear) {
    const SessionId pico = session("pico");
    const SessionId screen = session("screen");
    Endpoint device(credentials("pico"));
    const auto sealed = messages(device);
    bool all = true;
    EXPECT_EQ(of([&](int i) {
                  all = worker_->publish(pico, {topic, sealed[i]}).refusal == Refusal::none && all;
                  const Delivered out = deliver(screen, topic, sealed[i], Occasion::fan_out);
                  all = out.form == Delivered::Form::clear && all;
              }),
              0U);
    EXPECT_TRUE(all) << log_;
}

TEST_F(Allocations, AreZeroHoweverTheCopiesOfAMessageAreSealed) {
    const SessionId pico = session("pico");
    const std::array<SessionId, 2> readers{session("nurse"), session("monitor")};
    Endpoint device(credentials("pico"));
    const auto sealed = messages(device);
    bool all = true;
    const auto pass_on = [&](int i, Sealing when) {
        all = worker_->publish(pico, {topic, sealed[i]}).refusal == Refusal::none && all;
        for (SessionId each : readers) {
            const Delivered out = deliver(each, topic, sealed[i], Occasion::fan_out, when);
            worker_->complete();
            all = out.form == Delivered::Form::sealed && all;
        }
    };
    const auto either = [](int i) { return i % 2 == 0 ? Sealing::together : Sealing::foreseen; };
    constexpr int first = 6;  // by then the topic's latest recipients are remembered
    for (int i = 0; i < first; ++i) {
        pass_on(i, either(i));
    }
    const std::size_t before = policy::allocation_count();
    for (int i = first; i <= times; ++i) {
        pass_on(i, either(i));
    }
    EXPECT_EQ(policy::allocation_count(), before);
    EXPECT_TRUE(all) << log_;
}

TEST_F(Allocations, AreZeroForAClearMessageAndItsDelivery) {
    const SessionId legacy = session("legacy");
    const SessionId nurse = session("nurse");
    bool all = true;
    EXPECT_EQ(of([&](int) {
                  const Published in = worker_->publish(legacy, {"legacy/pulse", payload("72")});
                  const Delivered out =
                      deliver(nurse, "legacy/pulse", {in.replacement.data(), in.replacement.size()}, Occasion::fan_out);
                  all = out.form == Delivered::Form::sealed && all;
              }),
              0U);
    EXPECT_TRUE(all) << log_;
}

}  // namespace
}  // namespace reseal::engine::test
