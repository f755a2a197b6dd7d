// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <gtest/gtest.h>

namespace reseal::observe {
namespace {

struct Captured {
    std::string line;
    Level level = Level::info;
    Log log{[this](Level seen, const std::string& text) {
        level = seen;
        line = text;
    }};
};

TEST(Log, NamesReasonPrincipalClientAndTopicOfARefusal) {
    Captured seen;
    seen.log.refused({.action = "publish",
                      .principal = "pico",
                      .client_id = "pico/1",
                      .topic = "ward/pico",
                      .reason = Refusal::replay});
    EXPECT_EQ(seen.line,
              "reseal: refused publish: reason=replay principal=\"pico\" client=\"pico/1\" topic=\"ward/pico\" (" +
                  std::string(sentence_of(Refusal::replay)) + ")");
    EXPECT_EQ(seen.level, Level::warning);
}

TEST(Log, LeavesOutWhatIsNotKnown) {
    Captured seen;
    seen.log.refused({.action = "connect", .client_id = "x", .reason = Refusal::no_certificate});
    EXPECT_EQ(seen.line.find("principal="), std::string::npos);
    EXPECT_EQ(seen.line.find("topic="), std::string::npos);
}

TEST(Log, CannotBeForgedByATopicWithALineBreakOrAQuote) {
    Captured seen;
    const std::string topic = "a\nreseal: b\"c\\" + std::string(300, 'x');
    seen.log.refused({.action = "publish", .topic = topic, .reason = Refusal::denied});
    EXPECT_NE(seen.line.find(R"(topic="a\x0areseal: b\x22c\x5cxxx)"), std::string::npos) << seen.line;
    EXPECT_NE(seen.line.find(R"(xxx"... ()"), std::string::npos) << seen.line;
}

}  // namespace
}  // namespace reseal::observe
