// SPDX-License-Identifier: Apache-2.0
// What a thread of the plugin must not take from the broker's.
#include "base/quiet_thread.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "base/descriptor.h"

namespace reseal {
namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
            out = Descriptor(ends[0]);
            in = Descriptor(ends[1]);
        }
    }
    // What comes out: nothing at its end.
    [[nodiscard]] std::string read() const {
        std::array<char, 16> text{};
        const ssize_t size = ::read(out.get(), text.data(), text.size());
        return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }

    Descriptor out;
    Descriptor in;
};

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) != -1;  // NOLINT(*-vararg)
}

TEST(QuietThread, KeepsOnlyTheDescriptorsItIsGiven) {
    const Pipe first;
    const Pipe kept;
    const Pipe last;
    std::array<bool, 6> open{};
    std::thread thread = quiet_thread({kept.in.get()}, [&] {
        open = {is_open(first.in.get()), is_open(first.out.get()), is_open(kept.in.get()),
                is_open(kept.out.get()), is_open(last.in.get()),   is_open(STDERR_FILENO)};
    });
    thread.join();
    EXPECT_EQ(open, (std::array<bool, 6>{false, false, true, false, false, is_open(STDERR_FILENO)}));
    EXPECT_TRUE(is_open(first.in.get()) && is_open(kept.in.get()) && is_open(kept.out.get()) && is_open(last.in.get()));
}

TEST(QuietThread, HoldsOpenNothingThatTheBrokerCloses) {
    Pipe pipe;
    Pipe until;
    std::thread thread = quiet_thread({until.out.get()}, [&] { (void)until.read(); });
    pipe.in = Descriptor();
    EXPECT_EQ(pipe.read(), "") << "its end";
    until.in = Descriptor();
    thread.join();
}

TEST(QuietThread, KeepsItsOwnDescriptorWhenTheBrokerClosesItsCopy) {
    Pipe result;
    Pipe until;
    const int kept = result.in.get();
    std::thread thread = quiet_thread({kept, until.out.get()}, [&] {
        (void)until.read();
        EXPECT_EQ(::write(kept, "written", 7), 7);
    });
    result.in = Descriptor();
    until.in = Descriptor();
    thread.join();
    EXPECT_EQ(result.read(), "written");
}

TEST(QuietThread, ReceivesNoSignal) {
    sigset_t taken;
    std::thread thread = quiet_thread({}, [&] { (void)pthread_sigmask(SIG_SETMASK, nullptr, &taken); });
    thread.join();
    EXPECT_EQ(sigismember(&taken, SIGTERM), 1);
    EXPECT_EQ(sigismember(&taken, SIGHUP), 1);
    (void)pthread_sigmask(SIG_SETMASK, nullptr, &taken);
    EXPECT_EQ(sigismember(&taken, SIGTERM), 0);
}

}  // namespace
}  // namespace reseal
