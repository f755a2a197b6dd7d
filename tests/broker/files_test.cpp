// Files that are replaced, removed, cut or rolled back under a running broker.
#include "harness/ward.h"

#include <filesystem>

namespace harness {
namespace {

class Files : public Ward {
  protected:
    // A copy of a file of the site, under a name of its own.
    std::string copy(const std::string& name, const std::string& as) const {
        std::filesystem::copy_file(site.path(name), site.path(as));
        return site.path(as);
    }
    // Puts `copy` in the place of the file, as another one.
    void replace(const std::string& name, const std::string& copy) const {
        std::filesystem::rename(copy, site.path(name));
    }
    // Writes the bytes of `copy` into the file that is there.
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

TEST_F(RegistryFile, ThatIsReplacedIsTakenOverWithItsRevocations) {
    ASSERT_EQ(pico.connect(), 0);
    replace("registry.db", copy("registry.db", "other.db"));
    site.revoke("pico1");
    EXPECT_TRUE(pico.dropped()) << broker.log();
    EXPECT_TRUE(broker.logs("alert file_replaced: " + site.path("registry.db"))) << broker.log();
    site.revoke("porter");
    EXPECT_TRUE(is_refused(porter)) << "what comes later is seen, too";
}

TEST_F(RegistryFile, ThatIsReplacedByAnOlderOneIsNotTakenOver) {
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

TEST_F(RegistryFile, ThatIsRolledBackInItsPlaceIsNotBelieved) {
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

TEST_F(RegistryFile, OfAnotherSiteIsNotTakenOver) {
    const Site other;
    other.add("pico1", "wearable");
    std::filesystem::copy_file(other.path("registry.db"), site.path("other.db"));
    replace("registry.db", site.path("other.db"));
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(is_let_in(pico));
}

TEST_F(RegistryFile, ThatIsRemovedIsSaidAndReadAgainWhenItIsBack) {
    std::filesystem::rename(site.path("registry.db"), site.path("elsewhere.db"));
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(is_let_in(pico)) << "who is known by now";
    std::filesystem::rename(site.path("elsewhere.db"), site.path("registry.db"));
    site.revoke("pico1");
    EXPECT_TRUE(is_refused(pico));
}

TEST_F(RegistryFile, ThatIsCutIsSaid) {
    std::filesystem::resize_file(site.path("registry.db"), 4096);
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    EXPECT_TRUE(is_let_in(pico)) << "who is known by now";
}

TEST_F(RegistryFile, ThatIsClearedIsSaidAndTakenOverWhenItIsWhole) {
    const std::string whole = copy("registry.db", "whole.db");
    std::filesystem::resize_file(site.path("registry.db"), 0);
    EXPECT_TRUE(broker.logs("alert registry_unreadable: ")) << broker.log();
    replace("registry.db", whole);
    site.revoke("pico1");
    EXPECT_TRUE(is_refused(pico));
}

}  // namespace
}  // namespace harness
