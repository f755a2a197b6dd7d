// SPDX-License-Identifier: Apache-2.0
// What envelope.h says of the stack on a system whose topics have up to 65,535 bytes.
#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

constexpr std::size_t kStack = std::size_t{1} << 20;
constexpr std::size_t kPage = 4096;
constexpr std::uint8_t kPaint = 0x5A;

void *run(void *call) {
    (*static_cast<const std::function<void()> *>(call))();
    return nullptr;
}

// Bytes of stack that a thread sets when it makes this call.
std::size_t stack_of(const std::function<void()>& call) {
    const std::unique_ptr<std::uint8_t, decltype(&std::free)> stack(
        static_cast<std::uint8_t *>(std::aligned_alloc(kPage, kStack)), &std::free);
    std::fill_n(stack.get(), kStack, kPaint);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT_EQ(pthread_attr_setstack(&attributes, stack.get(), kStack), 0);
    pthread_t thread{};
    EXPECT_EQ(pthread_create(&thread, &attributes, run, const_cast<std::function<void()> *>(&call)), 0);
    EXPECT_EQ(pthread_join(thread, nullptr), 0);
    pthread_attr_destroy(&attributes);
    const std::uint8_t *const used =
        std::find_if(stack.get(), stack.get() + kStack, [](std::uint8_t byte) { return byte != kPaint; });
    return static_cast<std::size_t>(stack.get() + kStack - used);
}

std::size_t stack_of_seal(std::size_t topic_size) {
    Draft draft;
    draft.topic = std::string(topic_size, 't');
    EXPECT_FALSE(draft.seal().empty());  // OpenSSL has fetched its ciphers
    return stack_of([&draft] { EXPECT_FALSE(draft.seal().empty()); }) - stack_of([] {});
}

TEST(Stack, OfASealGrowsOnlyWithALongTopic) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers change the stack";
#endif
    const std::size_t with_short = stack_of_seal(256);
    const std::size_t with_long = stack_of_seal(257);
    std::printf("topic of 256 bytes: %zu bytes of stack, of 257: %zu\n", with_short, with_long);
    EXPECT_LE(with_short, 16U * 1024);
    EXPECT_LE(with_long, 16U * 1024 + RESEAL_TOPIC_MAX);
    EXPECT_GT(with_long, std::size_t{RESEAL_TOPIC_MAX}) << "or else envelope.h says too much";
}

}  // namespace
}  // namespace reseal::test
