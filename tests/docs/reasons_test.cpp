// SPDX-License-Identifier: Apache-2.0
// The pages have a row for each reason for a refusal by the plugin, and for each alert.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "base/refusal.h"
#include "observe/alert.h"

namespace reseal {
namespace {

struct Row {
    std::string meaning;
    std::string remedy;
};

// The rows `| `reason` | meaning | remedy |` of a page.
std::multimap<std::string, Row> rows(const char* path) {
    std::multimap<std::string, Row> out;
    std::ifstream page(path);
    for (std::string line; std::getline(page, line);) {
        const std::size_t reason_end = line.find("` | ");
        const std::size_t meaning_end = line.find(" | ", reason_end + 4);
        if (line.starts_with("| `") && line.ends_with(" |") && meaning_end < line.size()) {
            const std::string meaning = line.substr(reason_end + 4, meaning_end - reason_end - 4);
            out.insert({line.substr(3, reason_end - 3), {meaning, line.substr(meaning_end + 3)}});
        }
    }
    return out;
}

TEST(Reasons, EachHasOneRowWithTheLogsSentenceAndWhatToDo) {
    const auto all = rows(RESEAL_TROUBLESHOOTING);
    for (std::size_t at = 1; at < refusal_count; ++at) {
        const auto refusal = static_cast<Refusal>(at);
        const std::string reason(name_of(refusal));
        ASSERT_EQ(all.count(reason), 1U) << reason;
        EXPECT_EQ(all.find(reason)->second.meaning, sentence_of(refusal));
        EXPECT_GT(all.find(reason)->second.remedy.size(), 10U) << reason;
    }
    EXPECT_EQ(all.size(), refusal_count - 1) << "a row for a reason that there is not";
}

TEST(Alerts, EachHasOneRowWithItsMeaningAndWhereToLook) {
    const auto all = rows(RESEAL_AUDIT);
    for (const std::string_view alert : observe::alert_names) {
        ASSERT_EQ(all.count(std::string(alert)), 1U) << alert;
    }
}

}  // namespace
}  // namespace reseal
