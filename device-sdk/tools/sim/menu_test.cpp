// SPDX-License-Identifier: Apache-2.0
// The menu, as a person at a terminal meets it.
#include "tools/sim/menu.h"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <chrono>
#include <csignal>

#include "tools/test_tools.h"

namespace reseal::tools::sim {
namespace {

using testing::Broker;
using testing::BrokerTest;
using testing::contains;
using testing::Outcome;
using testing::Program;
using testing::ToolsTest;
using testing::Words;

// A program with its own terminal as stdin, stdout and stderr; killed on destruction if it still runs.
class AtTerminal {
  public:
    // `columns`: of the terminal.
    explicit AtTerminal(Words words, unsigned short columns = 200) {
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        // The test keeps the other end open too: a terminal loses its settings when the last end closes.
        const winsize size = {50, columns, 0, 0};
        if (openpty(&keyboard_, &screen_, nullptr, nullptr, &size) != 0) {
            throw std::runtime_error("no terminal");
        }
        before_ = settings();
        pid_ = fork();
        if (pid_ == 0) {
            login_tty(screen_);
            execvp(arguments[0], arguments.data());
            _exit(127);
        }
    }
    ~AtTerminal() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        close(keyboard_);
        close(screen_);
    }
    AtTerminal(const AtTerminal&) = delete;
    AtTerminal& operator=(const AtTerminal&) = delete;

    void press(char key) const { ASSERT_EQ(write(keyboard_, &key, 1), 1); }
    void signal(int number) const { kill(pid_, number); }

    // Whether `text` appears on the screen after the text of the last wait.
    bool shows(const std::string& text) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (shown_.find(text, seen_) == std::string::npos) {
            if (std::chrono::steady_clock::now() >= limit) {
                return false;
            }
            read_some();
        }
        seen_ = shown_.find(text, seen_) + text.size();
        return true;
    }

    // The exit status, or 128 plus the signal's number.
    int wait() {
        int status = 0;
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (waitpid(pid_, &status, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() >= limit) {
                return -1;
            }
            read_some();
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    [[nodiscard]] bool takes_single_keys() const { return (settings().c_lflag & (ICANON | ECHO)) == 0U; }
    [[nodiscard]] bool is_as_before() const {
        const termios now = settings();
        return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag &&
               std::equal(std::begin(now.c_cc), std::end(now.c_cc), std::begin(before_.c_cc));
    }
    [[nodiscard]] const std::string& shown() const { return shown_; }

  private:
    [[nodiscard]] termios settings() const {
        termios found{};
        tcgetattr(screen_, &found);
        return found;
    }

    void read_some() {
        pollfd watched = {keyboard_, POLLIN, 0};
        std::array<char, 4096> block{};
        if (poll(&watched, 1, 50) > 0) {
            const ssize_t got = read(keyboard_, block.data(), block.size());
            shown_.append(block.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        }
    }

    int keyboard_ = -1;
    int screen_ = -1;
    pid_t pid_ = -1;
    termios before_{};
    std::string shown_;
    std::size_t seen_ = 0;
};

TEST(Menu, NamesEachKeyOnce) {
    EXPECT_EQ(
        menu_text(),
        "keys:  + faster  - slower  > more devices  < fewer  u heart rate up  d down  p pause  o outage  r report  "
        "? keys  q quit");
    EXPECT_EQ(command_for('+'), Command::faster);
    EXPECT_EQ(command_for('q'), Command::quit);
    EXPECT_EQ(command_for('x'), std::nullopt);
    EXPECT_EQ(command_for('\n'), std::nullopt);
}

TEST_F(BrokerTest, MenuKeysChangeWhatTheSimDoes) {
    AtTerminal sim(tool("reseal-sim", {"--rate", "4"}));
    ASSERT_TRUE(sim.shows("keys:")) << sim.shown();
    ASSERT_TRUE(sim.shows("1/1 connected")) << sim.shown();
    EXPECT_TRUE(sim.takes_single_keys());
    sim.press('+');
    EXPECT_TRUE(sim.shows("rate: 8 readings a second"));
    sim.press('-');
    EXPECT_TRUE(sim.shows("rate: 4 readings a second"));
    sim.press('u');
    EXPECT_TRUE(sim.shows("heart rate: 77 beats a minute"));
    sim.press('d');
    EXPECT_TRUE(sim.shows("heart rate: 72 beats a minute"));
    sim.press('p');
    EXPECT_TRUE(sim.shows("paused; p resumes"));
    EXPECT_TRUE(sim.shows("  0/s  ")) << sim.shown();
    sim.press('p');
    EXPECT_TRUE(sim.shows("resumed"));
    sim.press('o');
    EXPECT_TRUE(sim.shows("outage; o ends it"));
    EXPECT_TRUE(sim.shows("connection lost"));
    EXPECT_TRUE(sim.shows("0/1 connected"));
    sim.press('o');
    EXPECT_TRUE(sim.shows("the outage is over"));
    EXPECT_TRUE(sim.shows("connected again; 0 readings were dropped"));
    sim.press('<');
    EXPECT_TRUE(sim.shows("devices: 1 of 1"));
    sim.press('?');
    EXPECT_TRUE(sim.shows("keys:"));
    sim.press('r');
    EXPECT_TRUE(sim.shows("round trips: min"));
    sim.press('q');
    EXPECT_EQ(sim.wait(), 0) << sim.shown();
    EXPECT_TRUE(sim.shows("0 refused, 0 dropped, 0 left"));
    EXPECT_TRUE(sim.is_as_before());
}

TEST_F(ToolsTest, MenuSwitchesDevicesOffAndOn) {
    const Broker broker(folder_, "allow_anonymous true\n");
    const std::string dir = folder_.make("devices");
    for (const std::string name : {"iot_1", "iot_2", "iot_3"}) {
        std::string text = testing::sample_credentials_text();
        ASSERT_NE(folder_.write("devices/" + name + ".json", text.replace(text.find("iot_dev_01"), 10, name)), "");
    }
    AtTerminal sim({RESEAL_TOOLS_FOLDER "/reseal-sim", "--credentials-dir", dir, "-h", "127.0.0.1", "-p", broker.port(),
                    "--rate", "20"});
    ASSERT_TRUE(sim.shows("3/3 connected")) << sim.shown();
    sim.press('<');
    EXPECT_TRUE(sim.shows("devices: 2 of 3"));
    EXPECT_TRUE(sim.shows("2/3 connected")) << sim.shown();
    sim.press('>');
    EXPECT_TRUE(sim.shows("devices: 3 of 3"));
    EXPECT_TRUE(sim.shows("3/3 connected")) << sim.shown();
    sim.press('q');
    EXPECT_EQ(sim.wait(), 0) << sim.shown();
    EXPECT_TRUE(sim.shows("0 refused, 0 dropped, 0 left"));
}

TEST_F(BrokerTest, MenuKeepsProgressOnOneLineOfTheTerminal) {
    AtTerminal sim(tool("reseal-sim", {"--rate", "20"}), 40);
    ASSERT_TRUE(sim.shows("1/1 connected")) << sim.shown();
    ASSERT_TRUE(sim.shows("\r\x1b[K00:0")) << sim.shown();
    sim.press('q');
    EXPECT_EQ(sim.wait(), 0);
    const std::string& all = sim.shown();
    for (std::size_t at = 0; (at = all.find("\r\x1b[K00:", at)) != std::string::npos; ++at) {
        const std::string line = all.substr(at + 4, all.find_first_of("\r\n", at + 1) - at - 4);
        EXPECT_LT(line.size(), 40U) << line;
    }
}

TEST_F(BrokerTest, MenuRestoresTheTerminalHoweverTheSimEnds) {
    constexpr char control_c = 3;
    constexpr char control_backslash = 28;
    struct Way {
        char key;
        int signal;
        int status;
    };
    for (const Way& way : {Way{'q', 0, 0}, Way{control_c, 0, 0}, Way{control_backslash, 0, 128 + SIGQUIT},
                           Way{0, SIGTERM, 0}, Way{0, SIGHUP, 128 + SIGHUP}}) {
        AtTerminal sim(tool("reseal-sim", {}));
        ASSERT_TRUE(sim.shows("1/1 connected")) << sim.shown();
        ASSERT_TRUE(sim.takes_single_keys());
        if (way.signal == 0) {
            sim.press(way.key);
        } else {
            sim.signal(way.signal);
        }
        EXPECT_EQ(sim.wait(), way.status) << sim.shown();
        EXPECT_TRUE(sim.is_as_before()) << "after key " << int{way.key} << ", signal " << way.signal;
    }
}

TEST_F(ToolsTest, MenuRestoresTheTerminalAfterAFailure) {
    AtTerminal sim(offline("reseal-sim", {"-h", "127.0.0.1", "-p", "1"}));
    EXPECT_EQ(sim.wait(), 1);
    EXPECT_TRUE(sim.shows("cannot connect to 127.0.0.1:1: Connection refused")) << sim.shown();
    EXPECT_TRUE(sim.is_as_before());
}

TEST_F(BrokerTest, MenuReadsKeysFromAPipeOnRequestAndContinuesAfterItsEnd) {
    Program sim(tool("reseal-sim", {"--menu", "--rate", "50", "--count", "100"}));
    sim.write("+-x?");
    EXPECT_TRUE(sim.said("rate: 100 readings"));
    const Outcome outcome = sim.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "100 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
}

}  // namespace
}  // namespace reseal::tools::sim
