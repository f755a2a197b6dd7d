// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "config/config.h"

namespace reseal::config {
namespace {

const std::string minimal = "version: 1\nrealm: main\nregistry: r.db\nmaster_key: m.key\nstate: s\nacl: acl.yaml\n";

// The Fault of the minimal file plus `more`, which begins in line 7.
std::string config_fault_with(std::string_view more) {
    const Checked<Config> config = parse_config(minimal + std::string(more), "reseal.yaml");
    return config ? "" : config.error().text();
}

std::string config_fault(std::string_view yaml) {
    const Checked<Config> config = parse_config(yaml, "reseal.yaml");
    return config ? "" : config.error().text();
}

// The minimal file without the line of `key`.
std::string without(std::string_view key) {
    const std::size_t from = minimal.find(std::string(key) + ":");
    return std::string(minimal).erase(from, minimal.find('\n', from) + 1 - from);
}

TEST(ParseConfig, FillsInDefaults) {
    const Checked<Config> config = parse_config(minimal, "reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->file, "reseal.yaml");
    EXPECT_EQ(config->registry, "r.db");
    EXPECT_EQ(config->replay_window, 128U);
    EXPECT_EQ(config->max_payload, 65535U);
    EXPECT_TRUE(config->loopback_listeners.empty());
    EXPECT_TRUE(config->unsealed_topics.empty());
    EXPECT_TRUE(config->plugins_before.empty());
    EXPECT_FALSE(config->queue_clear);
    EXPECT_FALSE(config->audit);
    EXPECT_EQ(config->alerts_topic, "");
    EXPECT_EQ(config->metrics_port, 0);
    EXPECT_EQ(config->metrics_interval, 10U);
}

TEST(ParseConfig, NamesSettingsThatAReloadDoesNotApply) {
    const auto start_settings = [](const std::string& more) -> StartSettings {
        return *parse_config(minimal + more, "reseal.yaml");
    };
    EXPECT_EQ(start_settings("max_payload: 100\nalerts_topic: a\nbridged_realms: [b]\n"), start_settings(""));
    for (const char* more : {"metrics_port: 9464\n", "queue_clear: true\n", "replay_window: 256\n",
                             "audit: {folder: a}\n", "identity: {require_key: true}\n", "psk_listeners: [8884]\n"}) {
        EXPECT_NE(start_settings(more), start_settings("")) << more;
    }
}

TEST(ParseConfig, AcceptsEveryKey) {
    const Checked<Config> config = parse_config(minimal +
                                                    "replay_window: 4096\n"
                                                    "max_payload: 16777215\n"
                                                    "loopback_listeners: [1883, 65535]\n"
                                                    "unsealed_topics:\n  - $SYS/#\n  - \"open/+\"\n"
                                                    "plugins_before: [statistics.so]\n"
                                                    "queue_clear: true\n"
                                                    "audit: {folder: a, max_file: 4096, keep: 2, keep_days: 3650}\n"
                                                    "alerts_topic: reseal/alerts\n"
                                                    "metrics_port: 9464\n"
                                                    "metrics_interval: 0\n",
                                                "reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->replay_window, 4096U);
    EXPECT_EQ(config->max_payload, 16777215U);
    EXPECT_EQ(config->loopback_listeners, (std::vector<std::uint16_t>{1883, 65535}));
    EXPECT_EQ(config->unsealed_topics, (std::vector<std::string>{"$SYS/#", "open/+"}));
    EXPECT_EQ(config->plugins_before, std::vector<std::string>{"statistics.so"});
    EXPECT_TRUE(config->queue_clear);
    EXPECT_EQ(config->audit, (Audit{.folder = "a", .max_file = 4096, .keep = 2, .keep_days = 3650}));
    EXPECT_EQ(config->alerts_topic, "reseal/alerts");
    EXPECT_EQ(config->metrics_port, 9464);
    EXPECT_EQ(config->metrics_interval, 0U);
}

TEST(ParseConfig, ResolvesRelativePathsFromTheFilesFolder) {
    const Checked<Config> config = parse_config(
        "version: 1\nrealm: main\nregistry: r.db\nmaster_key: /safe/m.key\nstate: ../s\nacl: sub/acl.yaml\n",
        "/etc/m/reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->registry, "/etc/m/r.db");
    EXPECT_EQ(config->master_key, "/safe/m.key");
    EXPECT_EQ(config->state, "/etc/m/../s");
    EXPECT_EQ(config->acl, "/etc/m/sub/acl.yaml");
}

TEST(ParseConfig, RequiresMandatorySettings) {
    EXPECT_EQ(config_fault(without("version")), "reseal.yaml: version: the key is missing; write version: 1");
    EXPECT_EQ(config_fault(without("registry")),
              "reseal.yaml: registry: the key is missing; name the file of principals and keys, as in registry: "
              "registry.db");
    EXPECT_EQ(config_fault(without("master_key")),
              "reseal.yaml: master_key: the key is missing; name the file of the master key, as in master_key: "
              "master.key");
    EXPECT_EQ(config_fault(without("state")),
              "reseal.yaml: state: the key is missing; name the folder of replay windows and epochs, as in state: "
              "state");
    EXPECT_EQ(config_fault(without("acl")),
              "reseal.yaml: acl: the key is missing; name the ACL file, as in acl: acl.yaml");
}

TEST(ParseConfig, ReadsTheRealm) {
    EXPECT_EQ(parse_config(minimal, "reseal.yaml")->realm, "main");
    EXPECT_EQ(config_fault(without("realm")),
              "reseal.yaml: realm: the key is missing; name this broker with 1 to 64 of A-Z a-z 0-9 . _ - as in realm: "
              "main; brokers with replay windows of their own need names of their own");
    for (const std::string& name : {std::string("\"ward 7\""), std::string(65, 'x'), std::string("a/b")}) {
        EXPECT_NE(config_fault(without("realm") + "realm: " + name + "\n").find("is not a valid realm name"),
                  std::string::npos)
            << name;
    }
}

TEST(ParseConfig, ReadsTheRealmsOfBridgedBrokers) {
    const Checked<Config> config = parse_config(minimal + "bridged_realms: [wing-b, wing-c]\n", "reseal.yaml");
    EXPECT_EQ(config->bridged_realms, (std::vector<std::string>{"wing-b", "wing-c"}));
    EXPECT_EQ(config_fault_with("bridged_realms: [a/b]\n"),
              "reseal.yaml:7: bridged_realms[0]: 'a/b' is not a valid realm name; write a list of the other brokers' "
              "realms, as in [wing-b]");
}

TEST(ParseConfig, RequiresTheKeyInAdditionToACertificateIfConfigured) {
    EXPECT_FALSE(parse_config(minimal, "reseal.yaml")->identity.require_key);
    EXPECT_TRUE(parse_config(minimal + "identity: {require_key: true}\n", "reseal.yaml")->identity.require_key);
}

TEST(ParseConfig, RefusesAnotherVersion) {
    const std::string files = without("version");
    EXPECT_EQ(config_fault("version: 2\n" + files),
              "reseal.yaml:1: version: '2' is not a version that this program knows; write version: 1");
    EXPECT_EQ(config_fault("version: \"1\"\n" + files),
              "reseal.yaml:1: version: '1' is not a version that this program knows; write version: 1");
    EXPECT_EQ(config_fault("version: 1.0\n" + files),
              "reseal.yaml:1: version: '1.0' is not a version that this program knows; write version: 1");
    EXPECT_EQ(config_fault("version: [1]\n" + files), "reseal.yaml:1: version: this is a list; write version: 1");
}

TEST(ParseConfig, RefusesAnUnknownKey) {
    EXPECT_EQ(config_fault_with("replay-window: 128\n"),
              "reseal.yaml:7: 'replay-window' is not a known key; did you mean 'replay_window'?");
    EXPECT_EQ(config_fault_with("queue_cler: true\n"),
              "reseal.yaml:7: 'queue_cler' is not a known key; did you mean 'queue_clear'?");
    EXPECT_EQ(
        config_fault_with("tls: true\n"),
        "reseal.yaml:7: 'tls' is not a known key; the keys here are version, realm, registry, master_key, state, acl, "
        "replay_window, max_payload, loopback_listeners, sealed_listeners, psk_listeners, bridged_realms, "
        "unsealed_topics, plugins_before, "
        "queue_clear, identity, tokens, audit, budgets, "
        "alerts_topic, metrics_port, metrics_interval");
}

TEST(ParseConfig, EscapesAnUnknownKey) {
    EXPECT_EQ(config_fault_with("\"queue\\eclear\": true\n"),
              "reseal.yaml:7: 'queue\\x1bclear' is not a known key; did you mean 'queue_clear'?");
}

TEST(ParseConfig, RefusesARepeatedKey) {
    EXPECT_EQ(config_fault_with("queue_clear: true\n\nregistry: other.db\n"),
              "reseal.yaml:9: registry: the key was written before, in line 3; write each key once");
    EXPECT_EQ(config_fault_with("\"registry\": other.db\n"),
              "reseal.yaml:7: registry: the key was written before, in line 3; write each key once");
}

TEST(ParseConfig, RefusesAnInvalidPath) {
    const std::string rest = without("state");
    const std::string remedy = "; name the folder of replay windows and epochs, as in state: state";
    EXPECT_EQ(config_fault(rest + "state:\n"), "reseal.yaml:6: state: the value is missing" + remedy);
    EXPECT_EQ(config_fault(rest + "state: ~\n"), "reseal.yaml:6: state: the value is missing" + remedy);
    EXPECT_EQ(config_fault(rest + "state: ''\n"), "reseal.yaml:6: state: the text is empty" + remedy);
    EXPECT_EQ(config_fault(rest + "state: [s]\n"), "reseal.yaml:6: state: this is a list" + remedy);
    EXPECT_EQ(config_fault(rest + "state: {s: s}\n"), "reseal.yaml:6: state: this is a map" + remedy);
    EXPECT_EQ(config_fault(rest + "state: \"s\\0/x\"\n"),
              "reseal.yaml:6: state: 's\\x00/x' is not a path; leave the control characters out");
}

TEST(ParseConfig, RefusesAReplayWindowOutOfRangeOrStep) {
    const std::string remedy = "; write a multiple of 32 from 32 to 4096";
    EXPECT_EQ(config_fault_with("replay_window: 100\n"),
              "reseal.yaml:7: replay_window: '100' is not a multiple of 32" + remedy);
    EXPECT_EQ(config_fault_with("replay_window: 0\n"), "reseal.yaml:7: replay_window: '0' is out of range" + remedy);
    EXPECT_EQ(config_fault_with("replay_window: 4128\n"),
              "reseal.yaml:7: replay_window: '4128' is out of range" + remedy);
    EXPECT_EQ(config_fault_with("replay_window:\n"), "reseal.yaml:7: replay_window: the value is missing" + remedy);
    EXPECT_EQ(config_fault_with("replay_window: 32\n"), "");
}

TEST(ParseConfig, AcceptsNumbersInPlainDecimalOnly) {
    for (const std::string text : {"0x40", "0o100", "064", "+64", "-1", "64.0", "6_4", "1e3", "64k", "many"}) {
        EXPECT_EQ(config_fault_with("max_payload: " + text + "\n"),
                  "reseal.yaml:7: max_payload: '" + text +
                      "' is not a plain decimal number; write a number from 1 to 16777215");
    }
}

TEST(ParseConfig, RefusesANumberInQuotesOrAList) {
    EXPECT_EQ(config_fault_with("max_payload: \"64\"\n"),
              "reseal.yaml:7: max_payload: '64' is not a plain decimal number; write a number from 1 to 16777215");
    EXPECT_EQ(config_fault_with("max_payload: [64]\n"),
              "reseal.yaml:7: max_payload: this is a list; write a number from 1 to 16777215");
}

TEST(ParseConfig, RefusesAMaxPayloadOutOfRange) {
    for (const std::string text : {"0", "16777216", "4294967297", "18446744073709551617"}) {
        EXPECT_EQ(config_fault_with("max_payload: " + text + "\n"),
                  "reseal.yaml:7: max_payload: '" + text + "' is out of range; write a number from 1 to 16777215");
    }
    EXPECT_EQ(config_fault_with("max_payload: 1\n"), "");
}

TEST(ParseConfig, RefusesListenersThatAreNotPorts) {
    EXPECT_EQ(config_fault_with("loopback_listeners: 1883\n"),
              "reseal.yaml:7: loopback_listeners: '1883' is not a list; write a list of ports, as in [1883]");
    EXPECT_EQ(config_fault_with("sealed_listeners:\n  - 1884\n  - 0\n"),
              "reseal.yaml:9: sealed_listeners[1]: '0' is out of range; write a number from 1 to 65535");
    EXPECT_EQ(config_fault_with("loopback_listeners: [65536]\n"),
              "reseal.yaml:7: loopback_listeners[0]: '65536' is out of range; write a number from 0 to 65535");
    EXPECT_EQ(config_fault_with("loopback_listeners: [0]\n"), "") << "a Unix socket";
    EXPECT_EQ(config_fault_with("loopback_listeners: []\n"), "");
    EXPECT_EQ(config_fault_with("sealed_listeners: [1884]\nloopback_listeners: [1883]\n"), "");
    EXPECT_EQ(config_fault_with("sealed_listeners: [1884, 1883]\nloopback_listeners: [1883]\n"),
              "reseal.yaml:7: sealed_listeners: 1883 is also under loopback_listeners; name a port in only one "
              "of the lists");
    EXPECT_EQ(
        config_fault_with("sealed_listeners: [1884]\npsk_listeners: [8884, 1884]\n"),
        "reseal.yaml:8: psk_listeners: 1884 is also under sealed_listeners; name a port in only one of the lists");
}

TEST(ParseConfig, RefusesUnsealedTopicsThatAreNotFilters) {
    EXPECT_EQ(
        config_fault_with("unsealed_topics: $SYS/#\n"),
        "reseal.yaml:7: unsealed_topics: '$SYS/#' is not a list; write a list of topic filters, as in [\"$SYS/#\"]");
    EXPECT_EQ(config_fault_with("unsealed_topics: [\"$SYS/#/x\"]\n"),
              "reseal.yaml:7: unsealed_topics[0]: '$SYS/#/x' is not a topic filter; '#' may stand only at the end");
    EXPECT_EQ(
        config_fault_with("unsealed_topics: [\"open/{id}\"]\n"),
        "reseal.yaml:7: unsealed_topics[0]: 'open/{id}' is not a topic filter; {id} has no meaning here: write '+' "
        "instead");
    EXPECT_EQ(config_fault_with("unsealed_topics: [[a]]\n"),
              "reseal.yaml:7: unsealed_topics[0]: this is a list; write a topic filter, as in \"$SYS/#\"");
}

TEST(ParseConfig, AcceptsTrueAndFalseOnly) {
    for (const std::string text : {"yes", "on", "True", "TRUE", "1"}) {
        EXPECT_EQ(config_fault_with("queue_clear: " + text + "\n"),
                  "reseal.yaml:7: queue_clear: '" + text +
                      "' is neither true nor false; write true or false, without "
                      "quotes");
    }
    EXPECT_EQ(config_fault_with("queue_clear: 'true'\n"),
              "reseal.yaml:7: queue_clear: 'true' is neither true nor false; write true or false, without quotes");
    EXPECT_EQ(config_fault_with("queue_clear:\n"),
              "reseal.yaml:7: queue_clear: the value is missing; write true or false, without quotes");
}

TEST(ParseConfig, ResolvesTheAuditFolderFromTheFilesFolder) {
    const Checked<Config> config = parse_config(minimal + "audit:\n  folder: trail\n", "/etc/m/reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->audit, (Audit{.folder = "/etc/m/trail", .max_file = 16777216, .keep = 100, .keep_days = 90}));
}

TEST(ParseConfig, RefusesInvalidAuditSettings) {
    EXPECT_EQ(config_fault_with("audit: trail\n"),
              "reseal.yaml:7: audit: 'trail' is not a map; write KEY: VALUE, with the keys folder, max_file, keep, "
              "keep_days");
    EXPECT_EQ(
        config_fault_with("audit: {keep: 5}\n"),
        "reseal.yaml:7: audit.folder: the key is missing; name the folder of the audit trail, as in folder: audit");
    EXPECT_EQ(config_fault_with("audit: {folder: a, max_file: 4095}\n"),
              "reseal.yaml:7: audit.max_file: '4095' is out of range; write a number from 4096 to 1073741824");
    EXPECT_EQ(config_fault_with("audit: {folder: a, keep: 1}\n"),
              "reseal.yaml:7: audit.keep: '1' is out of range; write a number from 2 to 100000");
    EXPECT_EQ(config_fault_with("audit: {folder: a, keep_days: 0}\n"),
              "reseal.yaml:7: audit.keep_days: '0' is out of range; write a number from 1 to 3650");
    EXPECT_EQ(config_fault_with("audit: {folder: a, kep: 3}\n"),
              "reseal.yaml:7: audit: 'kep' is not a known key; did you mean 'keep'?");
}

TEST(ParseConfig, RefusesAnInvalidOrUnsealedAlertsTopic) {
    EXPECT_EQ(
        config_fault_with("alerts_topic: reseal/#\n"),
        "reseal.yaml:7: alerts_topic: 'reseal/#' is not a topic name; write a topic name, as in \"reseal/alerts\"");
    EXPECT_EQ(config_fault_with("unsealed_topics: [\"open/#\"]\nalerts_topic: open/alerts\n"),
              "reseal.yaml:8: alerts_topic: 'open/alerts' is not sealed: 'open/#' is under unsealed_topics; name a "
              "topic that is sealed");
}

TEST(ParseConfig, RefusesMetricsOutOfRange) {
    EXPECT_EQ(config_fault_with("metrics_port: 0\n"),
              "reseal.yaml:7: metrics_port: '0' is out of range; write a number from 1 to 65535");
    EXPECT_EQ(config_fault_with("metrics_interval: 3601\n"),
              "reseal.yaml:7: metrics_interval: '3601' is out of range; write a number from 0 to 3600");
}

TEST(ParseConfig, RefusesADocumentThatIsNotAMap) {
    const std::string remedy =
        "; write KEY: VALUE, with the keys version, realm, registry, master_key, state, acl, replay_window, "
        "max_payload, "
        "loopback_listeners, sealed_listeners, psk_listeners, bridged_realms, unsealed_topics, plugins_before, "
        "queue_clear, identity, "
        "tokens, audit, budgets, "
        "alerts_topic, "
        "metrics_port, "
        "metrics_interval";
    EXPECT_EQ(config_fault("- version\n"), "reseal.yaml:1: this is a list" + remedy);
    EXPECT_EQ(config_fault("# nothing\n\nversion\n"), "reseal.yaml:3: 'version' is not a map" + remedy);
}

TEST(ParseConfig, RefusesMoreThanOneMebibyte) {
    const std::string padding((1U << 20U) - minimal.size(), '#');
    EXPECT_EQ(config_fault_with(padding), "");
    EXPECT_EQ(config_fault_with(padding + "#"), "reseal.yaml: the file has 1048577 bytes; write at most 1048576");
}

TEST(ParseConfig, IdentifiesByFingerprintByDefault) {
    EXPECT_EQ(parse_config(minimal, "reseal.yaml")->identity, Identity{});
    const Checked<Config> config = parse_config(minimal +
                                                    "identity:\n  by: san_dns\n  pattern: \"{id}.devices.example\"\n"
                                                    "  ca: ca/ca.crt\n  crl: [a.crl, /b.crl]\n"
                                                    "  crl_expired: {warn_days: 3}\n",
                                                "/etc/m/reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->identity, (Identity{.by = Identity::By::san_dns,
                                          .pattern = "{id}.devices.example",
                                          .ca = "/etc/m/ca/ca.crt",
                                          .crl = {"/etc/m/a.crl", "/b.crl"},
                                          .warn_days = 3}));
}

TEST(ParseConfig, RefusesInconsistentIdentitySettings) {
    const std::string dns = "identity:\n  by: san_dns\n";
    const std::string ca = "  ca: ca.crt\n";
    EXPECT_NE(config_fault_with("identity: {by: cn}\n").find("'cn' is not a way to name a principal"),
              std::string::npos);
    EXPECT_EQ(config_fault_with("identity: {by: serial_number, ca: ca.crt}\n"), "");
    EXPECT_NE(config_fault_with("identity: {by: serial_number}\n").find("name the PEM file of your CA"),
              std::string::npos);
    EXPECT_NE(config_fault_with(dns + "  pattern: \"{id}\"\n").find("name the PEM file of your CA"), std::string::npos);
    EXPECT_NE(config_fault_with(dns + ca).find("say what the name looks like"), std::string::npos);
    for (const auto* wrong : {"pico", "{id}{id}", "*.{id}", "{name}"}) {
        EXPECT_NE(config_fault_with(dns + ca + "  pattern: \"" + wrong + "\"\n").find("is not a valid pattern"),
                  std::string::npos);
    }
    EXPECT_NE(config_fault_with("identity: {pattern: \"{id}\"}\n")
                  .find("neither a fingerprint nor a serial number has a pattern"),
              std::string::npos);
    EXPECT_NE(config_fault_with("identity: {crl: [a.crl]}\n").find("name the PEM file of your CA"), std::string::npos);
    EXPECT_NE(config_fault_with("identity:\n  ca: a\n  crl_expired: refuse\n").find("no revocation list"),
              std::string::npos);
    EXPECT_NE(config_fault_with("identity:\n  ca: a\n  crl: [b]\n  crl_expired: warn\n")
                  .find("'warn' is not a rule for an expired list"),
              std::string::npos);
}

}  // namespace
}  // namespace reseal::config
