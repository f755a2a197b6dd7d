// SPDX-License-Identifier: Apache-2.0
// Files that are replaced, removed, truncated or rolled back under a running broker.
#include "harness/ward.h"

#include <filesystem>

namespace harness {
namespace {

class Files : public Ward {
  protected:
    // A copy of one of the site's files, under another name.
    std::string copy(const std::string& name, const std::string& as) const {
        std::filesystem::copy_file(site.path(name), site.path(as));
        return site.path(as);
    }
    // Replaces the file with `copy`, as a new file.
    void replace(const std::string& name, const std::string& copy) const {
        std::filesystem::rename(copy, site.path(name));
    }
    // Writes the bytes of `copy` into the existing file.
    void overwrite(const std::string& name, const std::string& copy) const {
        write_all(site.path(name), read_all(copy));
    }
    static bool is_let_in(Client& client) { return comes_to(0, client); }
    static bool is_refused(Client& client) { return comes_to(not_authorised, client); }
};

class RegistryFile : public Files {
  protected:
    Broker broker{site};
    Client pico{site, broker, "pico1"};
    Client porter{site, broker, "porter"};
};

TEST_F(RegistryFile, ThatIsReplacedIsAppliedWithItsRevocations) {
    ASSERT_EQ(pico.connect(), 0);
    replace("registry.db", copy("registry.db", "other.db"));
    site.revoke("pico1");
    EXPECT_TRUE(pico.dropped()) << broker.log();
    EXPECT_TRUE(broker.logs("alert file_replaced: " + site.path("registry.db"))) << broker.log();
    site.revoke("porter");
    EXPECT_TRUE(is_refused(porter)) << "what comes later is seen, too";
}

TEST_F(RegistryFile, ThatIsReplacedByAnOlderOneIsRefused) {
    const std::string older = copy("registry.db", "older.db");
    site.revoke("porter");
    ASSERT_TRUE(is_refused(porter));
    const std::string newer = copy("registry.db", "newer.db");
    replace("registry.db", older);
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(broker.logs("registry.db: is older than the one that was read before")) << broker.log();
    EXPECT_EQ(porter.connect(), not_authorised);
    EXPECT_TRUE(is_let_in(pico));

    replace("registry.db", newer);
    ASSERT_TRUE(broker.logs("alert file_replaced")) << broker.log();
    site.revoke("pico1");
    EXPECT_TRUE(is_refused(pico));
}

TEST_F(RegistryFile, ThatIsRolledBackInPlaceIsRefused) {
    const std::string older = copy("registry.db", "older.db");
    site.revoke("porter");
    ASSERT_TRUE(is_refused(porter));
    overwrite("registry.db", older);
    EXPECT_TRUE(broker.logs("registry.db: is older than the one that was read before")) << broker.log();
    for (int i = 0; i < 3; ++i) {
        site.provision({"transfer", "pico1", "--owner", "ward " + std::to_string(i)});
    }
    EXPECT_EQ(porter.connect(), not_authorised) << "whatever is added to it";
    EXPECT_TRUE(is_let_in(pico));
}

TEST_F(RegistryFile, OfAnotherSiteIsRefused) {
    const Site other;
    other.add("pico1", "wearable");
    std::filesystem::copy_file(other.path("registry.db"), site.path("other.db"));
    replace("registry.db", site.path("other.db"));
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(is_let_in(pico));
}

TEST_F(RegistryFile, ThatIsRemovedIsReportedAndReadAgainWhenItIsBack) {
    std::filesystem::rename(site.path("registry.db"), site.path("elsewhere.db"));
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(is_let_in(pico)) << "who is known by now";
    std::filesystem::rename(site.path("elsewhere.db"), site.path("registry.db"));
    site.revoke("pico1");
    EXPECT_TRUE(is_refused(pico));
}

TEST_F(RegistryFile, ThatIsTruncatedIsReported) {
    std::filesystem::resize_file(site.path("registry.db"), 4096);
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(is_let_in(pico)) << "who is known by now";
}

TEST_F(RegistryFile, ThatIsClearedIsReportedAndAppliedOnceComplete) {
    const std::string whole = copy("registry.db", "whole.db");
    std::filesystem::resize_file(site.path("registry.db"), 0);
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    replace("registry.db", whole);
    site.revoke("pico1");
    EXPECT_TRUE(is_refused(pico));
}

class StateFiles : public Files {
  protected:
    StateFiles() {
        EXPECT_EQ(pico.connect(), 0);
        EXPECT_EQ(send(captured), 0) << broker.log();
        rest();
    }
    // After the next packet the message is surely accepted: from then on the broker does not read its files.
    void rest() { EXPECT_EQ(pico.subscribe("commands/pico1/x"), 1); }
    int send(const Bytes& message) { return pico.publish(pulse_topic, message); }
    int send_new() { return send(device.seal(pulse_topic, reading)); }
    // Neither this broker nor the next one accepts what the first has accepted.
    void expect_once() {
        const Bytes meanwhile = device.seal(pulse_topic, reading);
        EXPECT_EQ(send(meanwhile), 0) << broker.log();
        pico.disconnect();
        broker.stop();
        broker.start();
        ASSERT_EQ(pico.connect(), 0) << broker.log();
        Client clinician(site, broker, "clinician");
        ASSERT_EQ(clinician.connect(), 0);
        ASSERT_EQ(clinician.subscribe("ward/#"), 1);
        (void)send(captured);
        (void)send(meanwhile);
        EXPECT_TRUE(silent(clinician)) << broker.log();
        EXPECT_EQ(send_new(), 0) << broker.log();
    }
    // Nobody is served any longer, and no broker starts.
    void expect_stopped() {
        EXPECT_TRUE(broker.logs("alert file_replaced: " + site.path("state/replay") + ": was cut short or overwritten"))
            << broker.log();
        EXPECT_NE(send_new(), 0);
        EXPECT_TRUE(broker.logs("refused publish: reason=state_unavailable")) << broker.log();
        broker.stop();
        EXPECT_NE(refused_start(site).find("not started: " + site.path("state/replay")), std::string::npos);
    }

    Broker broker{site};
    Client pico{site, broker, "pico1"};
    Device device{site, "pico1"};
    Bytes captured = device.seal(pulse_topic, reading);
};

TEST_F(StateFiles, OfReplayWindowsThatAreRemovedArePutBack) {
    std::filesystem::remove(site.path("state/replay"));
    EXPECT_TRUE(broker.logs("alert file_replaced: " + site.path("state/replay") + ": was removed or replaced"))
        << broker.log();
    expect_once();
}

TEST_F(StateFiles, OfReplayWindowsThatAreReplacedByOlderOnesArePutBack) {
    const std::string older = copy("state/replay", "older");
    EXPECT_EQ(send_new(), 0);
    replace("state/replay", older);
    EXPECT_TRUE(broker.logs("alert file_replaced: " + site.path("state/replay") + ": was removed or replaced"))
        << broker.log();
    expect_once();
}

TEST_F(StateFiles, OfReplayWindowsOverwrittenWithOlderOnesAreRefused) {
    broker.stop();
    const std::string older = copy("state/replay", "older");
    broker.start();
    ASSERT_TRUE(eventually([&] { return pico.connect() == 0; }));
    EXPECT_EQ(send_new(), 0);
    rest();
    overwrite("state/replay", older);
    expect_stopped();
}

TEST_F(StateFiles, OfReplayWindowsThatAreClearedAreRefused) {
    std::filesystem::resize_file(site.path("state/replay"), 0);
    expect_stopped();
}

TEST_F(StateFiles, OfTheBrokersEpochsAreRestored) {
    const std::string right = read_all(site.path("state/epoch"));
    const std::string said = "alert file_replaced: " + site.path("state/epoch") + ": was removed, replaced or changed";
    std::filesystem::remove(site.path("state/epoch"));
    EXPECT_TRUE(broker.logs(said)) << broker.log();
    EXPECT_EQ(read_all(site.path("state/epoch")), right);
    write_all(site.path("state/epoch"), "reseal-epoch/1 4096\n");
    EXPECT_TRUE(eventually([&] { return read_all(site.path("state/epoch")) == right; })) << broker.log();
    expect_once();
}

TEST_F(StateFiles, OfHandedOverMessagesAreMadeAgain) {
    if (Broker::seals_when_sent()) {
        GTEST_SKIP() << "Mosquitto 2.1 needs none";
    }
    std::filesystem::remove(site.path("state/handed-over"));
    EXPECT_TRUE(broker.logs("alert file_replaced: " + site.path("state/handed-over") + ": was removed"))
        << broker.log();
    EXPECT_TRUE(std::filesystem::exists(site.path("state/handed-over")));
    EXPECT_EQ(send_new(), 0);
}

class AuditFiles : public Files {
  protected:
    void expect_found(const std::string& what) {
        EXPECT_TRUE(broker.logs("alert audit_tampered: " + what)) << broker.log();
        EXPECT_TRUE(eventually([&] { return shown("audit_tampered"); })) << "and written to what is there now";
    }
    [[nodiscard]] bool shown(const std::string& text) const {
        return site.provision({"audit", "show"}).find(text) != std::string::npos;
    }
    [[nodiscard]] std::string file() const {
        return std::filesystem::directory_iterator(site.path("audit"))->path().string();
    }

    Broker broker{site};
};

TEST_F(AuditFiles, ThatAreRemovedAreFoundMissing) {
    const std::string removed = file();
    std::filesystem::remove(removed);
    expect_found(removed + " was removed, replaced or changed in size");
}

TEST_F(AuditFiles, ThatAreClearedAreFoundTruncated) {
    const std::string cleared = file();
    std::filesystem::resize_file(cleared, 0);
    expect_found(cleared + " was removed, replaced or changed in size");
}

TEST_F(AuditFiles, WhoseFolderIsReplacedAreFoundMissing) {
    const std::string moved = file();
    std::filesystem::rename(site.path("audit"), site.path("elsewhere"));
    expect_found(moved + " was removed, replaced or changed in size");
}

}  // namespace
}  // namespace harness
