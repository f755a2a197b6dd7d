// SPDX-License-Identifier: Apache-2.0
// At whatever instant the program is killed, the registry is as before the command or as after it.
#include <gtest/gtest.h>

#include <algorithm>

#include "admin/program.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

bool digit_of(char c, bool hexadecimal) {
    return (c >= '0' && c <= '9') || (hexadecimal && c >= 'a' && c <= 'f');
}

// Replaces by a star: runs of 14 and more hexadecimal digits, and digits beside colons and hyphens.
std::string without_times_and_numbers(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && digit_of(text[end], true)) {
            ++end;
        }
        const bool time = digit_of(text[at], false) && end < text.size() && (text[end] == '-' || text[end] == ':');
        const bool end_of_time = digit_of(text[at], false) && at > 0 && (text[at - 1] == '-' || text[at - 1] == ':');
        if (end - at >= 14 || time || end_of_time) {
            out += '*';
        } else {
            end = std::max(end, at + 1);
            out.append(text, at, end - at);
        }
        at = end;
    }
    return out;
}

class KillTest : public ProgramTest {
  protected:
    KillTest() {
        make_site();
        expect_success("add dev --role wearable");
        expect_success("add gone --role wearable");
        temp.write("table.csv", "principal,roles\na,wearable\nb,wearable\nc,wearable\n");
        expect_success("backup " + temp / "saved");
        expect_success("transfer dev --owner later");
        fs::copy(site, temp / "as_made", fs::copy_options::recursive);
    }

    void make_anew() const {
        fs::remove_all(site);
        fs::copy(temp / "as_made", site, fs::copy_options::recursive);
    }

    // Everything in the registry, except random numbers and times.
    [[nodiscard]] std::string state() const {
        expect_success("check");
        std::string out = run("list --format csv").out;
        for (const char* id : {"dev", "gone", "a", "b", "c"}) {
            out += run(std::string("show ") + id).out;
        }
        return without_times_and_numbers(out);
    }

    // Starts the program and kills it after that many microseconds.
    void kill_after(int microseconds, const std::vector<std::string>& arguments) const {
        const pid_t child = ::fork();
        if (child == 0) {
            std::vector<char*> line{const_cast<char*>("reseal-provision"), const_cast<char*>("--dir"),
                                    const_cast<char*>(site.c_str())};
            for (const std::string& argument : arguments) {
                line.push_back(const_cast<char*>(argument.c_str()));
            }
            line.push_back(nullptr);
            (void)::close(STDOUT_FILENO);
            ::execv(RESEAL_ADMIN, line.data());
            ::_exit(127);
        }
        ::usleep(static_cast<useconds_t>(microseconds));
        ::kill(child, SIGKILL);
        EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    }

    void expect_before_or_after(const std::vector<std::string>& arguments) const {
        make_anew();
        const std::string before = state();
        std::string line;
        for (const std::string& argument : arguments) {
            line += argument + " ";
        }
        expect_success(line);
        const std::string after = state();
        ASSERT_NE(before, after) << "the command changes something";
        for (int kill = 0; kill < 12; ++kill) {
            make_anew();
            kill_after(kill * 1500, arguments);
            const std::string found = state();
            EXPECT_TRUE(found == before || found == after) << "killed at " << kill << "\n" << found;
        }
    }
};

TEST_F(KillTest, RotateIsDoneOrNot) {
    expect_before_or_after({"rotate", "dev", "--overlap", "7d"});
    expect_before_or_after({"rotate", "dev", "--over-the-air"});
}
TEST_F(KillTest, RevokeIsDoneOrNot) {
    expect_before_or_after({"revoke", "dev", "--reason", "lost"});
}
TEST_F(KillTest, DecommissionIsDoneOrNot) {
    expect_before_or_after({"decommission", "dev", "--why", "scrapped"});
}
TEST_F(KillTest, ImportIsDoneOrNot) {
    expect_before_or_after({"import", temp / "table.csv"});
}
TEST_F(KillTest, RestoreIsDoneOrNot) {
    expect_before_or_after({"restore", temp / "saved"});
}

}  // namespace
}  // namespace reseal::admin
