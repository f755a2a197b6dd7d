// SPDX-License-Identifier: Apache-2.0
// A broker that crashes leaves no core dump, which would hold keys and readings.
#include "base/test_core_dump.h"
#include "harness/ward.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace harness {
namespace {

// All memory that a process could write to, as a debugger reads it.
std::string memory_of(pid_t process) {
    const std::string folder = "/proc/" + std::to_string(process);
    std::istringstream maps(read_all(folder + "/maps"));
    const int file = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    std::string out;
    for (std::string line; std::getline(maps, line);) {
        unsigned long begin = 0;
        unsigned long end = 0;
        char write = '-';
        if (std::sscanf(line.c_str(), "%lx-%lx r%c", &begin, &end, &write) == 3 && write == 'w') {
            std::string part(end - begin, '\0');
            const ssize_t size = ::pread(file, part.data(), part.size(), static_cast<off_t>(begin));
            out.append(part, 0, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        }
    }
    ::close(file);
    return out;
}

class CoreDump : public Ward {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root, to look for the keys in the broker's memory";
        }
        if (!reseal::kernel_writes_core_dumps()) {
            GTEST_SKIP() << "/proc/sys/kernel/core_pattern hands dumps to a program";
        }
        reseal::allow_core_dumps();
        ASSERT_EQ(::chdir(site.folder().c_str()), 0);
    }
    void TearDown() override { EXPECT_EQ(::chdir("/"), 0); }
};

TEST_F(CoreDump, IsNotMadeOfABrokerThatHoldsKeys) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    Client pico(site, broker, "pico1");
    Device device(site, "pico1");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#", 1), 1);
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading), 1), 0);
    ASSERT_TRUE(clinician.receive());

    ASSERT_NE(memory_of(broker.pid()).find(read_all(site.path("master.key"))), std::string::npos) << "one is there";
    ::kill(broker.pid(), SIGABRT);
    ASSERT_TRUE(broker.ended());
    EXPECT_TRUE(reseal::core_dump_in(site.folder()).empty());
}

// Proves that the test above would notice a core dump.
TEST_F(CoreDump, OfABrokerWithoutThePluginIsMade) {
    const std::uint16_t port = free_port();
    Mosquitto broker(site.folder(), "plain",
                     "user root\nallow_anonymous true\nlistener " + std::to_string(port) + " 127.0.0.1\n", {port});
    ::kill(broker.pid(), SIGABRT);
    ASSERT_TRUE(broker.ended());
    EXPECT_FALSE(reseal::core_dump_in(site.folder()).empty());
}

}  // namespace
}  // namespace harness
