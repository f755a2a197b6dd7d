// SPDX-License-Identifier: Apache-2.0
// For tests: an audit trail in a temporary folder, and ways to tamper with it.
#pragma once

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "audit/trail.h"
#include "audit/verify.h"
#include "base/temp_folder.h"

namespace reseal::audit {

// Limits the size of each file that `process` writes. 0: this process.
class FullDisk {
  public:
    explicit FullDisk(std::uint64_t bytes, pid_t process = 0)
        : process_(process), handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        EXPECT_EQ(::prlimit(process_, RLIMIT_FSIZE, nullptr, &before_), 0);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        EXPECT_EQ(::prlimit(process_, RLIMIT_FSIZE, &limit, nullptr), 0);
    }
    ~FullDisk() {
        (void)::prlimit(process_, RLIMIT_FSIZE, &before_, nullptr);
        (void)std::signal(SIGXFSZ, handler_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

  private:
    pid_t process_;
    void (*handler_)(int);
    rlimit before_{};
};

// Waits until `condition` holds. False after far more time than that may take.
inline bool eventually(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

class TrailTest : public ::testing::Test {
  protected:
    static Key key(std::uint8_t byte = 1) {
        Secret<32> master;
        master.expose()[0] = byte;
        return derive_key(master);
    }
    static Record record(std::string_view detail) {
        Record out;
        out.event = Event::refused;
        out.detail = detail;
        return out;
    }

    Trail opened() {
        auto trail = Trail::open(settings_, key());
        EXPECT_TRUE(trail) << trail.error().text();
        return std::move(*trail);
    }
    // One run of a broker that writes that many lines.
    void write(int lines) {
        Trail trail = opened();
        for (int i = 0; i < lines; ++i) {
            const auto written = trail.append(record("event " + std::to_string(i)));
            ASSERT_TRUE(written) << written.error().text();
        }
        ASSERT_TRUE(trail.sync());
    }

    [[nodiscard]] std::vector<std::string> files() const { return *trail_files(settings_.folder); }

    [[nodiscard]] std::vector<std::string> lines(std::size_t file = 0) const {
        std::ifstream stream(files().at(file));
        std::vector<std::string> out;
        for (std::string line; std::getline(stream, line);) {
            out.push_back(line);
        }
        return out;
    }
    // Changes the lines of a file.
    void rewrite(const std::function<void(std::vector<std::string>&)>& change, std::size_t file = 0) const {
        std::vector<std::string> changed = lines(file);
        change(changed);
        std::ofstream stream(files().at(file), std::ios::trunc);
        for (const std::string& line : changed) {
            stream << line << "\n";
        }
    }

    [[nodiscard]] Answer verified(bool with_key = true, bool with_mark = false) const {
        const Key secret = key();
        Question question{.files = files(), .key = with_key ? &secret : nullptr, .from_beginning = true, .mark = {}};
        if (with_mark) {
            question.mark = *read_mark(settings_.mark);
        }
        auto answer = verify(question);
        EXPECT_TRUE(answer) << answer.error().text();
        return std::move(*answer);
    }

    TempFolder folder_;
    Settings settings_{.folder = folder_ / "audit", .mark = folder_ / "mark"};
};

}  // namespace reseal::audit
