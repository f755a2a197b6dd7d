// SPDX-License-Identifier: Apache-2.0
#include "identity/naming.h"

#include "identity/test_ca.h"

namespace reseal::identity {
namespace {

using config::Identity;
using test::Request;

// The principal, or why there is none.
std::string name_in(const Request& request, Identity::By by, const std::string& pattern) {
    static const test::TestCa ca("Test CA");
    const Named named = name_of(*ca.issue(request), {.by = by, .pattern = pattern});
    return named.refusal == Refusal::none ? named.principal : std::string(name_of(named.refusal));
}

std::string uri(std::vector<std::string> uris) {
    return name_in({.uris = std::move(uris)}, Identity::By::san_uri, "urn:reseal:{id}");
}
std::string dns(std::vector<std::string> hosts) {
    return name_in({.hosts = std::move(hosts)}, Identity::By::san_dns, "{id}.devices.example");
}
std::string common_name(std::vector<std::string> names) {
    return name_in({.common_names = std::move(names)}, Identity::By::common_name, "{id}");
}

TEST(Naming, UsesTheOneNameThatMatches) {
    EXPECT_EQ(uri({"urn:reseal:pico1"}), "pico1");
    EXPECT_EQ(uri({"https://example/about", "urn:reseal:pico1"}), "pico1");
    EXPECT_EQ(dns({"pico1.devices.example", "pico1.other.example"}), "pico1");
    EXPECT_EQ(common_name({"pico1"}), "pico1");
}

TEST(Naming, RefusesMoreThanOneEvenIfTheyAreEqual) {
    EXPECT_EQ(uri({"urn:reseal:pico1", "urn:reseal:pico2"}), "certificate_name_ambiguous");
    EXPECT_EQ(dns({"pico1.devices.example", "pico1.devices.example"}), "certificate_name_ambiguous");
    EXPECT_EQ(common_name({"pico1", "pico2"}), "certificate_name_ambiguous");
}

TEST(Naming, RefusesWithoutAnExactMatch) {
    for (const auto* other : {"URN:reseal:pico1", "urn:reseal", "xurn:reseal:pico1"}) {
        EXPECT_EQ(uri({other}), "certificate_name_missing") << other;
    }
    EXPECT_EQ(uri({}), "certificate_name_missing");
    EXPECT_EQ(dns({"pico1.devices.example.org"}), "certificate_name_missing");
    EXPECT_EQ(common_name({}), "certificate_name_missing");
}

TEST(Naming, IgnoresNamesOfAnotherKind) {
    const Request elsewhere{.common_names = {"urn:reseal:pico1"}, .hosts = {"urn:reseal:pico1"}};
    EXPECT_EQ(name_in(elsewhere, Identity::By::san_uri, "urn:reseal:{id}"), "certificate_name_missing");
}

TEST(Naming, RefusesWhatIsNotAPrincipalName) {
    using namespace std::string_literals;
    for (const std::string& id : {""s, "*"s, "pico1\0.evil"s, "pico1\0"s, "a/b"s, "{id}"s, std::string(65, 'a')}) {
        EXPECT_EQ(uri({"urn:reseal:" + id}), "certificate_name_malformed") << id;
    }
    EXPECT_EQ(dns({"*.devices.example"}), "certificate_name_malformed");
    EXPECT_EQ(dns({"a.b.devices.example"}), "certificate_name_malformed") << "more than one label";
    EXPECT_EQ(common_name({"pico1\0x"s}), "certificate_name_malformed");
    EXPECT_EQ(uri({"urn:reseal:pico1", "urn:reseal:*"}), "certificate_name_malformed");
}

TEST(CommonName, IsGivenIfThereIsOneWithoutNul) {
    using namespace std::string_literals;
    const auto common_name_in = [](std::vector<std::string> names) {
        return common_name_of(*test::TestCa("Test CA").issue({.common_names = std::move(names)}));
    };
    EXPECT_EQ(common_name_in({"Bed 7, gr\xC3\xBCn"}), "Bed 7, gr\xC3\xBCn");
    EXPECT_EQ(common_name_in({}), "");
    EXPECT_EQ(common_name_in({"pico1", "pico1"}), "");
    EXPECT_EQ(common_name_in({"pico1\0x"s}), "");
}

}  // namespace
}  // namespace reseal::identity
