// SPDX-License-Identifier: Apache-2.0
// What the operator sees: the audit trail, the alerts and the metrics of the real broker.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "harness/ward.h"

namespace harness {
namespace {

constexpr const char* alerts_topic = "reseal/alerts";
constexpr int tampered_messages = 5;  // within a minute are an alert

class Observed : public Ward {
  protected:
    Observed() : metrics_port_(free_port()) {
        site.set("metrics_port", std::to_string(metrics_port_));
        site.set("metrics_interval", "1");
        broker_ = std::make_unique<Broker>(site);
    }

    // The lines of the audit trail. While the broker runs, the last ones may not be written yet.
    [[nodiscard]] std::vector<nlohmann::json> audited() const {
        std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(site.path("audit")), {});
        std::ranges::sort(files);
        std::vector<nlohmann::json> out;
        for (const auto& file : files) {
            std::istringstream lines(read_all(file));
            for (std::string line; std::getline(lines, line) && !lines.eof();) {
                out.push_back(nlohmann::json::parse(line));
            }
        }
        return out;
    }
    // How many lines have all these members.
    [[nodiscard]] std::ptrdiff_t audited(const nlohmann::json& members) const {
        const auto lines = audited();
        return std::ranges::count_if(lines, [&](const nlohmann::json& line) {
            return std::ranges::all_of(
                members.items(), [&](const auto& member) { return line.value(member.key(), "") == member.value(); });
        });
    }

    // The body of GET /metrics.
    [[nodiscard]] std::string metrics() const {
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(metrics_port_);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        const std::string request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        EXPECT_EQ(::send(client, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
        std::string out;
        std::array<char, 4096> chunk{};
        for (ssize_t size = 1; size > 0;) {
            size = ::recv(client, chunk.data(), chunk.size(), 0);
            out.append(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        }
        ::close(client);
        return out;
    }
    [[nodiscard]] bool shows(const std::string& series, int value) const {
        return metrics().find("\n" + series + " " + std::to_string(value) + "\n") != std::string::npos;
    }

    // Sends messages whose seal is broken.
    void tamper(Client& client, int times) {
        Device device(site, "pico1");
        for (int i = 0; i < times; ++i) {
            Bytes message = device.seal(pulse_topic, reading);
            message.back() ^= 1;
            ASSERT_EQ(client.publish(pulse_topic, message), not_authorised);
        }
    }

    std::uint16_t metrics_port_;
    std::unique_ptr<Broker> broker_;
};

TEST_F(Observed, WritesAnAuditTrailThatVerifies) {
    Client pico(site, *broker_, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, bytes(reading)), not_authorised);
    ASSERT_EQ(pico.publish("ward/pico2/vitals/pulse", bytes(reading)), not_authorised);
    broker_->reload();
    ASSERT_TRUE(broker_->logs("reloaded"));
    site.revoke("pico1");
    ASSERT_TRUE(pico.dropped());
    broker_->stop();

    EXPECT_EQ(audited({{"event", "started"}}), 1);
    EXPECT_EQ(audited({{"event", "connected"}, {"principal", "pico1"}, {"address", "127.0.0.1"}}), 1);
    EXPECT_EQ(audited({{"event", "refused"}, {"action", "publish"}, {"reason", "not_sealed"}, {"topic", pulse_topic}}),
              1);
    EXPECT_EQ(audited({{"event", "refused"}, {"reason", "publish_not_allowed"}, {"client", "pico1"}}), 1);
    EXPECT_EQ(audited({{"event", "reloaded"}}), 1);
    EXPECT_GE(audited({{"event", "revoked"}, {"principal", "pico1"}}), 1);
    EXPECT_EQ(audited({{"event", "disconnected"}, {"principal", "pico1"}, {"reason", "principal_revoked"}}), 1);
    const auto lines = audited();
    EXPECT_EQ(lines.back().at("event"), "stopped");
    EXPECT_EQ(lines[1].at("certificate").get<std::string>().size(), 64U);
    for (const nlohmann::json& line : lines) {
        EXPECT_EQ(line.dump().find("in-the-clear"), std::string::npos) << line;
    }
    const std::string verified = site.provision({"audit", "verify"});
    EXPECT_NE(verified.find("OK: lines 1 to " + std::to_string(lines.size()) + " in 1 file, chain and MACs"),
              std::string::npos)
        << verified;
}

TEST_F(Observed, ContinuesTheTrailAfterAStopAndAfterACrash) {
    broker_->stop();
    broker_->start();
    broker_->kill();
    broker_->start();
    broker_->stop();
    EXPECT_EQ(audited({{"event", "started"}}), 3);
    EXPECT_EQ(audited({{"event", "stopped"}}), 2);
    EXPECT_NE(site.provision({"audit", "verify"}).find("OK: "), std::string::npos);
}

TEST_F(Observed, WritesTheLastLinesOfABrokerThatCrashes) {
    Client pico(site, *broker_, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, bytes(reading)), not_authorised);
    broker_->kill();
    broker_->start();
    broker_->stop();
    EXPECT_EQ(audited({{"event", "refused"}, {"reason", "not_sealed"}}), 1);
    EXPECT_NE(site.provision({"audit", "verify"}).find("OK: "), std::string::npos);
}

TEST_F(Observed, ReportsAChangedAuditTrailAtTheNextStart) {
    broker_->stop();
    const auto file = std::filesystem::directory_iterator(site.path("audit"))->path();
    std::string text = read_all(file);
    write_all(file, text.substr(0, text.rfind('\n', text.size() - 2) + 1));
    EXPECT_THROW(site.provision({"audit", "verify"}), std::runtime_error);
    broker_->start();
    EXPECT_TRUE(broker_->logs("alert audit_tampered: the end of the audit trail is missing")) << broker_->log();
}

TEST_F(Observed, SumsUpWhatOneClientRepeats) {
    Client pico(site, *broker_, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(pico.publish(pulse_topic, bytes(reading)), not_authorised);
    }
    EXPECT_TRUE(shows("reseal_refusals_total{reason=\"not_sealed\"}", 200));
    broker_->stop();
    const auto lines = audited();
    EXPECT_EQ(audited({{"reason", "not_sealed"}}), 2);
    EXPECT_EQ(lines.at(lines.size() - 2).at("count"), 199);
    const std::string log = broker_->log();
    EXPECT_NE(log.find("refused publish, 199 more: reason=not_sealed principal=\"pico1\""), std::string::npos) << log;
}

TEST_F(Observed, SealsAlertsForTheRoleThatMayReadThem) {
    Client auditor(site, *broker_, "auditor");
    Client clinician(site, *broker_, "clinician");
    Client pico(site, *broker_, "pico1");
    Application watch(site, "auditor");
    ASSERT_EQ(auditor.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(auditor.subscribe(alerts_topic), 1);
    EXPECT_EQ(clinician.subscribe(alerts_topic), not_authorised);
    tamper(pico, tampered_messages);

    const auto message = auditor.receive();
    ASSERT_TRUE(message) << broker_->log();
    EXPECT_EQ(message->topic, alerts_topic);
    EXPECT_EQ(text(message->payload).find("tampering"), std::string::npos) << "it is sealed";
    const auto alert = nlohmann::json::parse(watch.open(message->topic, message->payload));
    EXPECT_EQ(alert.at("alert"), "tampering");
    EXPECT_EQ(alert.at("principal"), "pico1");
    EXPECT_TRUE(silent(clinician));
    EXPECT_TRUE(broker_->logs("alert tampering: 5 refusals within a minute"));
}

TEST_F(Observed, RaisesAnAlertWhenAReloadFails) {
    Client auditor(site, *broker_, "auditor");
    Application watch(site, "auditor");
    ASSERT_EQ(auditor.connect(), 0);
    ASSERT_EQ(auditor.subscribe(alerts_topic), 1);
    site.write_acl("version: 1\nroles: nonsense\n");
    broker_->reload();
    const auto message = auditor.receive();
    ASSERT_TRUE(message) << broker_->log();
    const auto alert = nlohmann::json::parse(watch.open(message->topic, message->payload));
    EXPECT_EQ(alert.at("alert"), "reload_failed");
    EXPECT_NE(alert.at("detail").get<std::string>().find("acl.yaml:2: roles"), std::string::npos) << alert;
}

TEST_F(Observed, LetsNobodyElsePublishAlerts) {
    site.write_acl("version: 1\nroles:\n  wearable:\n    publish: [\"#\"]\n");
    broker_->reload();
    ASSERT_TRUE(broker_->logs("reloaded"));
    Client pico(site, *broker_, "pico1");
    Device device(site, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    EXPECT_EQ(pico.publish(alerts_topic, device.seal(alerts_topic, "all is well")), not_authorised);
}

TEST_F(Observed, ExportsMetricsToPrometheus) {
    Client pico(site, *broker_, "pico1");
    Client clinician(site, *broker_, "clinician");
    Device device(site, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
        ASSERT_TRUE(clinician.receive());
    }
    tamper(pico, 2);
    EXPECT_TRUE(shows("reseal_messages_opened_total", 3)) << metrics();
    EXPECT_TRUE(shows("reseal_messages_sealed_total", 3));
    EXPECT_TRUE(shows("reseal_refusals_total{reason=\"bad_tag\"}", 2));
    EXPECT_TRUE(shows("reseal_sessions", 2));
    EXPECT_TRUE(shows("reseal_principals", 7));  // with broker-storage
    EXPECT_TRUE(shows("reseal_reloads_total{result=\"success\"}", 0));
}

TEST_F(Observed, PublishesTheSameMetricsUnderSys) {
    Client pico(site, *broker_, "pico1");
    Client auditor(site, *broker_, "auditor");
    Device device(site, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(auditor.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    ASSERT_EQ(auditor.subscribe("$SYS/broker/reseal/messages/opened"), 1);
    std::string value;
    while (value != "1") {
        const auto message = auditor.receive();
        ASSERT_TRUE(message) << "the last value was " << value;
        value = text(message->payload);
    }
    ASSERT_EQ(auditor.subscribe("$SYS/broker/reseal/refusals/+"), 1);
    const auto retained = auditor.receive();
    ASSERT_TRUE(retained);
    EXPECT_EQ(text(retained->payload), "0");
}

}  // namespace
}  // namespace harness
