// SPDX-License-Identifier: Apache-2.0
#include "broker/own_sockets.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core_dump.h"
#include "base/descriptor.h"

namespace reseal::broker {
namespace {

class Listening {
  public:
    explicit Listening(int family, const char* address) : file(::socket(family, SOCK_STREAM, 0)) {
        sockaddr_in v4{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        auto* const name = family == AF_INET ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
        socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
        void* const at = family == AF_INET ? static_cast<void*>(&v4.sin_addr) : &v6.sin6_addr;
        works = ::inet_pton(family, address, at) == 1 && ::bind(file.get(), name, size) == 0 &&
                ::listen(file.get(), 8) == 0 && ::getsockname(file.get(), name, &size) == 0;
        port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
    }

    Descriptor file;
    std::uint16_t port = 0;
    bool works = false;
};

Descriptor connected_to(std::uint16_t port) {
    Descriptor out(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in to{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    EXPECT_EQ(::connect(out.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return out;
}

// As in a broker that root started: its files in /proc belong to root, yet it can still read its own.
TEST(OwnSockets, AreSeenEvenWithoutTheRightToReadTheProcess) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to become another user";
    }
    const Listening here(AF_INET, "127.0.0.1");
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t nobody = 65534;
        const bool changed = ::setresuid(nobody, nobody, nobody) == 0;
        forbid_core_dumps();
        ::_exit(changed && listening_ports().all.contains(here.port) ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(OwnSockets, ThatListenAreKnownByTheirAddresses) {
    const Listening here(AF_INET, "127.0.0.1");
    const Listening here_too(AF_INET, "127.1.2.3");
    const Listening everywhere(AF_INET, "0.0.0.0");
    ASSERT_TRUE(here.works && here_too.works && everywhere.works);
    ListeningPorts found = listening_ports();
    EXPECT_TRUE(found.all.contains(here.port));
    EXPECT_TRUE(found.all.contains(everywhere.port));
    EXPECT_FALSE(found.beyond_loopback.contains(here.port));
    EXPECT_FALSE(found.beyond_loopback.contains(here_too.port));
    EXPECT_TRUE(found.beyond_loopback.contains(everywhere.port));
    if (const Listening v6(AF_INET6, "::1"), v6_everywhere(AF_INET6, "::"); v6.works && v6_everywhere.works) {
        found = listening_ports();
        EXPECT_TRUE(found.all.contains(v6.port));
        EXPECT_FALSE(found.beyond_loopback.contains(v6.port));
        EXPECT_TRUE(found.beyond_loopback.contains(v6_everywhere.port));
    }
}

TEST(OwnSockets, DoNotIncludeUnixSockets) {
    const Descriptor file(::socket(AF_UNIX, SOCK_STREAM, 0));
    const sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    ASSERT_EQ(::bind(file.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t)), 0);
    ASSERT_EQ(::listen(file.get(), 1), 0);
    EXPECT_FALSE(listening_ports().all.contains(0));
}

TEST(OwnSockets, ThatAreConnectedAreKnownByTheirPort) {
    const Listening one(AF_INET, "127.0.0.1");
    const Listening other(AF_INET, "127.0.0.1");
    const Address local = *parse_address("127.0.0.1");
    EXPECT_FALSE(ports_connected_to(local).contains(one.port));
    const Descriptor client = connected_to(one.port);
    const Descriptor accepted(::accept(one.file.get(), nullptr, nullptr));
    EXPECT_TRUE(ports_connected_to(local).contains(one.port));
    EXPECT_FALSE(ports_connected_to(local).contains(other.port));
    EXPECT_FALSE(ports_connected_to(*parse_address("10.0.0.1")).contains(one.port));
}

TEST(OwnSockets, HaveAddressesOfBothKinds) {
    EXPECT_EQ(*parse_address("10.0.0.1"), *parse_address("::ffff:10.0.0.1"));
    EXPECT_FALSE(parse_address("localhost"));
    EXPECT_FALSE(parse_address(""));
    EXPECT_TRUE(is_loopback(*parse_address("127.255.0.1")));
    EXPECT_TRUE(is_loopback(*parse_address("::1")));
    EXPECT_FALSE(is_loopback(*parse_address("10.0.0.127")));
    EXPECT_FALSE(is_loopback(*parse_address("::7f00:1")));
    EXPECT_FALSE(is_loopback(*parse_address("::")));
}

}  // namespace
}  // namespace reseal::broker
