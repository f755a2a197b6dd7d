// SPDX-License-Identifier: Apache-2.0
// A line says what happened, and is tied to the previous line.
#include "audit/line.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace reseal::audit {
namespace {

Key key(std::uint8_t byte) {
    Secret<32> master;
    master.expose()[0] = byte;
    return derive_key(master);
}

Record refusal() {
    Record out;
    out.event = Event::refused;
    out.time = 1'769'860'800'007;
    out.action = "publish";
    out.principal = "pico";
    out.client = "pico/1";
    out.topic = "ward/pico";
    out.reason = "bad_tag";
    out.rule = "acl.yaml:12";
    out.has_certificate = true;
    out.certificate[0] = 0xab;
    return out;
}

std::string line_of(const Record& record, const Position& position = {}) {
    std::string out;
    (void)write_line(record, position, key(1), out);
    return out;
}

TEST(AuditLine, IsJsonThatSaysWhatHappened) {
    const auto json = nlohmann::json::parse(line_of(refusal()));
    EXPECT_EQ(json.at("seq"), 1);
    EXPECT_EQ(json.at("time"), "2026-01-31T12:00:00.007Z");
    EXPECT_EQ(json.at("event"), "refused");
    EXPECT_EQ(json.at("action"), "publish");
    EXPECT_EQ(json.at("reason"), "bad_tag");
    EXPECT_EQ(json.at("principal"), "pico");
    EXPECT_EQ(json.at("client"), "pico/1");
    EXPECT_EQ(json.at("topic"), "ward/pico");
    EXPECT_EQ(json.at("rule"), "acl.yaml:12");
    EXPECT_EQ(json.at("certificate").get<std::string>(), "ab" + std::string(62, '0'));
    EXPECT_EQ(json.at("prev").get<std::string>(), std::string(64, '0'));
}

TEST(AuditLine, DistinguishesAClaimedNameFromAPrincipal) {
    Record record = refusal();
    record.proven = false;
    const auto json = nlohmann::json::parse(line_of(record));
    EXPECT_EQ(json.at("claims"), "pico");
    EXPECT_FALSE(json.contains("principal"));
}

TEST(AuditLine, LeavesOutWhatIsNotKnown) {
    const auto json = nlohmann::json::parse(line_of(Record{}));
    EXPECT_EQ(json.size(), 5U) << json;  // seq, time, event, prev, mac
}

TEST(AuditLine, CannotBeForgedByATopic) {
    Record record = refusal();
    record.topic = "a\"}\n{\"seq\":2,\x1b[2J\x7f\xff\\";
    const std::string line = line_of(record);
    for (const char c : line) {
        EXPECT_TRUE(' ' <= c && c <= '~') << line;
    }
    EXPECT_EQ(nlohmann::json::parse(line).at("topic"), "a\"}\n{\"seq\":2,\x1b[2J\x7f\xef\xbf\xbd\\");
}

TEST(AuditLine, KeepsTextOfOtherAlphabets) {
    Record record = refusal();
    record.topic = "Zimmer/ä/病/😷";
    EXPECT_EQ(nlohmann::json::parse(line_of(record)).at("topic"), "Zimmer/ä/病/😷");
}

TEST(AuditLine, CutsLongTextAndSaysSo) {
    Record record = refusal();
    record.topic = std::string(1000, 'x');
    EXPECT_EQ(nlohmann::json::parse(line_of(record)).at("topic"), std::string(256, 'x') + "…");
}

TEST(AuditLine, IsNeverLongerThanTheReaderTakes) {
    Record record = refusal();
    const std::string worst(1000, '\xff');
    for (auto* text : {&record.client, &record.topic, &record.detail}) {
        *text = worst;
    }
    record.principal = worst;
    record.rule = worst;
    EXPECT_LT(line_of(record).size(), line_most);
}

TEST(AuditLine, NamesTheHashOfTheLineBefore) {
    std::string first;
    std::string second;
    const Position one = write_line(refusal(), {}, key(1), first);
    const Position two = write_line(refusal(), one, key(1), second);
    const auto link = read_link(second);
    ASSERT_TRUE(link);
    EXPECT_EQ(link->number, 2U);
    EXPECT_EQ(link->before, sha256(first));
    EXPECT_EQ(two, (Position{.number = 2, .hash = sha256(second)}));
}

TEST(AuditLine, CarriesAMacThatNeedsTheKey) {
    const std::string line = line_of(refusal());
    const auto link = read_link(line);
    ASSERT_TRUE(link);
    EXPECT_EQ(link->mac, hmac(key(1), link->covered));
    EXPECT_NE(link->mac, hmac(key(2), link->covered));
}

TEST(AuditLine, ReadsItsTimestampBack) {
    const std::string line = line_of(refusal());
    const auto link = read_link(line);
    ASSERT_TRUE(link);
    EXPECT_EQ(parse_timestamp(link->time), refusal().time);
    EXPECT_EQ(parse_timestamp("20260131T120000123Z"), parse_timestamp("2026-01-31T12:00:00.123Z"));
    EXPECT_EQ(timestamp(*parse_timestamp("2026-01-31T12:00:00.123Z")), "2026-01-31T12:00:00.123Z");
    EXPECT_FALSE(parse_timestamp("2026-01-31"));
    EXPECT_FALSE(parse_timestamp(""));
}

TEST(AuditLine, IsNotReadFromMalformedText) {
    const std::string line = line_of(refusal());
    for (std::size_t size = 0; size < line.size(); ++size) {
        EXPECT_FALSE(read_link(line.substr(0, size))) << size;
    }
    EXPECT_FALSE(read_link(line + " "));
    EXPECT_FALSE(read_link("{\"seq\":x" + line.substr(8)));
}

}  // namespace
}  // namespace reseal::audit
