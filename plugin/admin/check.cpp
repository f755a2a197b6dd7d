// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>
#include <ostream>
#include <set>
#include <system_error>
#include <vector>

#include "admin/certificate.h"
#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "audit/folder.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/nearest.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "config/broker_review.h"
#include "identity/token_verifier.h"
#include "identity/verifier.h"
#include "keyring/keyring.h"
#include "keyring/registry.h"
#include "keyring/seal.h"
#include "policy/advice.h"
#include "policy/policy.h"
#include "state/state_folder.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;
using keyring::PrincipalRecord;

constexpr std::time_t soon = std::time_t{30} * 24 * 3600;

// Also false if that cannot be seen.
bool is_folder(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

bool is_there(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

// Inspects everything, and goes on after a problem.
class Inspection {
  public:
    Inspection(std::string folder, config::Config config, Terminal terminal)
        : folder_(std::move(folder)), config_(std::move(config)), terminal_(terminal) {}

    // With mosquitto.conf at `broker_file`; empty: without it.
    int run(const std::string& broker_file) {
        if (!broker_file.empty()) {
            inspect_broker(broker_file);
        }
        inspect_folders();
        inspect_writers();
        inspect_site_certificates();
        inspect_identity();
        read_registry();
        read_policy();
        for (const PrincipalRecord& principal : principals_) {
            inspect(principal);
        }
        inspect_storage();
        if (config_.tokens) {
            inspect_tokens(*config_.tokens);
        }
        if (acl_) {
            inspect_acl();
        }
        if (!config_.identity.require_key) {
            note(config_.file +
                 ": identity.require_key is not true: anyone with a stolen certificate can take over the "
                 "sessions of its principal; write require_key: true, and certificate_only: true for roles that cannot "
                 "prove a key");
        }
        return problems_;
    }

    [[nodiscard]] std::size_t principals() const { return principals_.size(); }

  private:
    void problem(const Fault& fault) {
        ++problems_;
        terminal_.out << fault.text() << "\n";
    }

    // Not a problem, but perhaps not what was meant.
    void note(const std::string& text) { terminal_.warn << "note: " << text << "\n"; }

    template <class Value>
    std::optional<Value> expect(Checked<Value> value) {
        if (!value) {
            problem(value.error());
            return std::nullopt;
        }
        return std::move(*value);
    }

    // Before the broker is started with it.
    void inspect_broker(const std::string& file) {
        const auto lines = [&] {
            const WithRights caller(Whose::caller);
            return expect(config::read_broker(
                file, {.read = [](const std::string& path) { return read_file(path, config::config_most); },
                       .list = list_folder}));
        }();
        if (!lines) {
            return;
        }
        const config::BrokerSetup setup = config::broker_setup(*lines);
        config::Config told = config_;
        told.file = fs::absolute(config_.file).lexically_normal();
        const config::BrokerReview found = config::review(setup, told);
        for (const std::string& listener : found.listeners) {
            terminal_.out << listener << "\n";
        }
        std::ranges::for_each(found.problems, [this](const Fault& fault) { problem(fault); });
        std::ranges::for_each(found.notes, [this](const Fault& fault) { note(fault.text()); });
        inspect_user(setup.user);
    }

    // A broker that root starts works as this user. Any other starts it as themselves.
    void inspect_user(const std::string& name) {
        struct stat registry {};
        if (::getuid() != 0 || ::stat(config_.registry.c_str(), &registry) != 0) {
            return;
        }
        const passwd* const user = ::getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
        if (user == nullptr) {
            problem({{},
                     0,
                     "user",
                     "the broker works as " + quote(name) + ", who is not a user of this host",
                     "see /etc/passwd"});
        } else if (user->pw_uid != registry.st_uid && user->pw_uid != 0) {
            problem(file_fault(config_.registry,
                               "belongs to another user than " + quote(name) + ", as whom the broker works",
                               "give registry, master key, state and audit trail to that user, or name the right one "
                               "under user in mosquitto.conf"));
        }
    }

    void inspect_folders() {
        inspect_folder(config_.state);
        if (config_.audit) {
            inspect_folder(config_.audit->folder);
            inspect_trail(*config_.audit);
        }
        inspect_owners();
    }

    // Only by the names of its files. 'audit verify' does the rest.
    void inspect_trail(const config::Audit& audit) {
        constexpr std::int64_t day = std::int64_t{24} * 3600 * 1000;
        const auto files = audit::trail_files(audit.folder);
        if (!files || files->empty()) {
            return;
        }
        const std::string first = fs::path(files->front()).filename().string();
        const auto begun = audit::first_time(first);
        if (audit::first_number(first) != 1U && files->size() >= audit.keep && begun &&
            audit::now() - *begun < audit.keep_days * day) {
            problem({config_.file, 0, "audit.keep",
                     "the audit trail reaches back only to " + audit::timestamp(*begun) +
                         ", less than keep_days: older files were removed to make room",
                     "raise keep, and find out who writes so much: audit show --event omitted"});
        }
    }

    void inspect_folder(const std::string& path) {
        expect(check_private_folder(path));
        if (!is_folder(path)) {
            return;
        }
        const std::string probe = path + "/.check";
        if (expect(replace_file(probe, {}))) {
            (void)::unlink(probe.c_str());
        }
    }

    // The broker's files belong to one user. A tool that ran as root may have left some that belong to root.
    void inspect_owners() {
        struct stat registry {};
        if (::stat(config_.registry.c_str(), &registry) != 0) {
            return;  // reported elsewhere
        }
        std::vector<std::string> paths{config_.registry + "-journal", config_.master_key,       config_.state,
                                       config_.state + "/replay",     config_.state + "/epoch", broker_key(folder_)};
        if (config_.audit) {
            paths.push_back(config_.audit->folder);
        }
        for (const std::string& path : paths) {
            struct stat status {};
            if (::stat(path.c_str(), &status) == 0 && status.st_uid != registry.st_uid) {
                problem(file_fault(path, "belongs to a different user than " + config_.registry,
                                   "chown --reference=" + config_.registry + " " + path));
            }
        }
    }

    // Whoever may write these gives themselves any right.
    void inspect_writers() {
        for (const std::string& path : {config_.file, config_.acl}) {
            struct stat status {};
            if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
                problem(file_fault(path, "others than its owner may write it", "chmod go-w " + path));
            }
        }
    }

    void inspect_dates(const std::string& path, const CertificateFile& certificate) {
        const std::time_t now = std::time(nullptr);
        if (certificate.not_before > now) {
            problem(file_fault(path, "is not valid before " + date_and_time(certificate.not_before),
                               "set the clock of this host"));
        } else if (certificate.not_after <= now) {
            problem(file_fault(path, "expired on " + date_and_time(certificate.not_after), "issue a new one"));
        } else if (certificate.not_after - now < soon) {
            problem(file_fault(path, "expires on " + date_and_time(certificate.not_after), "issue a new one in time"));
        }
    }

    void inspect_pair(const std::string& certificate_path, const std::string& key_path) {
        const auto certificate = expect(read_certificate(certificate_path));
        if (!certificate) {
            expect(check_private(key_path));
            return;
        }
        inspect_dates(certificate_path, *certificate);
        expect(Authority::open(certificate_path, key_path));  // also the broker's: do they belong together?
    }

    void inspect_site_certificates() {
        const WithRights owner(Whose::owner);
        inspect_pair(authority_certificate(folder_), authority_key(folder_));
        inspect_pair(broker_certificate(folder_), broker_key(folder_));
    }

    // Reads the authorities and revocation lists as the plugin reads them.
    void inspect_identity() {
        const std::time_t now = std::time(nullptr);
        auto verifier = identity::Verifier::open(config_.identity, now);
        if (!verifier) {
            problem(verifier.error());
            return;
        }
        if (const auto newest = verifier->keep_dates(dates_in_state()); !newest) {
            problem(newest.error());
        }
        for (const identity::Notice& notice : verifier->look(now)) {
            note(notice.text);  // a list that is past its nextUpdate
        }
    }

    // A state folder that cannot be read is reported elsewhere.
    [[nodiscard]] identity::ListDates dates_in_state() const {
        return {.newest = [this](std::string_view issuer) -> Checked<std::time_t> {
                    const auto master_key = keyring::read_master_key(config_.master_key);
                    const auto known = master_key ? state::ReplayStore::read_newest_list(
                                                        config_.state, state::derive_state_key(*master_key), issuer)
                                                  : master_key.error();
                    return known ? *known : 0;
                },
                .note = [](std::string_view, std::time_t) {}};
    }

    // The state can be verified only under the registry's master key. A wrong one is reported with each key.
    void inspect_state(keyring::Registry& registry) {
        if (const auto master_key = keyring::read_master_key(config_.master_key);
            master_key && keyring::prove_master_key(*master_key, config_.master_key, registry)) {
            std::ranges::for_each(state::inspect(config_.state, state::derive_state_key(*master_key), registry),
                                  [this](const Fault& fault) { problem(fault); });
        }
    }

    void read_registry() {
        if (auto master_key = expect(keyring::read_master_key(config_.master_key))) {
            keyring_.emplace(std::move(*master_key));
        }
        auto registry = expect(keyring::Registry::open(config_.registry, keyring::writer_patience));
        if (registry) {
            if (keyring_ && is_folder(config_.state)) {
                inspect_state(*registry);
            }
            principals_ = expect(registry->all()).value_or(std::vector<PrincipalRecord>());
            registry_read_ = true;
        }
    }

    void read_policy() {
        if (auto acl = expect(read_acl(config_.acl))) {
            acl_ = std::move(acl);
        }
    }

    void inspect(const PrincipalRecord& principal) {
        inspect_keys(principal);
        if (principal.revoked || principal.storage) {
            return;
        }
        inspect_files(principal);
        for (const std::string& role : principal.roles) {
            if (acl_ && acl_->roles.find(role) == acl_->roles.end()) {
                problem({config_.acl, 0, "roles",
                         "there is no role " + quote(role) + ", but " + principal.id + " has it in the registry",
                         role_remedy(role)});
            }
        }
    }

    void inspect_keys(const PrincipalRecord& principal) {
        for (const keyring::Key& key : principal.keys) {
            if (keyring_ && !keyring_->opens(principal.id, key)) {
                problem(file_fault(config_.registry, "key " + hex(key.id) + " of " + principal.id + " does not open",
                                   "restore registry and master key from the same backup"));
            }
        }
    }

    // Key and certificate may have moved to the device. If they are still here, they must be right.
    void inspect_files(const PrincipalRecord& principal) {
        const WithRights owner(Whose::owner);
        const std::string key = principal_key(folder_, principal.id);
        if (is_there(key)) {
            expect(check_private(key));
        }
        const std::string path = principal_certificate(folder_, principal.id);
        if (!is_there(path)) {
            return;
        }
        const auto certificate = expect(read_certificate(path));
        if (!certificate) {
            return;
        }
        inspect_dates(path, *certificate);
        for (const keyring::Certificate& registered : principal.certificates) {
            if (registered.fingerprint == certificate->fingerprint || registered.fingerprint == certificate->serial) {
                return;
            }
        }
        problem(file_fault(path, "is not the certificate that is registered for " + principal.id,
                           "restore folder and registry from the same backup"));
    }

    void inspect_storage() {
        for (const PrincipalRecord& principal : principals_) {
            if (principal.storage) {
                const bool usable =
                    !principal.keys.empty() && (principal.keys.front().algorithm == RESEAL_AES_CCM_16_128_128 ||
                                                principal.keys.front().algorithm == RESEAL_AES_CCM_16_128_256);
                if (!usable) {
                    problem(file_fault(config_.registry, principal.id + " has no key with algorithm 30 or 31",
                                       "restore it from a backup"));
                }
                return;
            }
        }
        if (registry_read_) {
            problem(file_fault(config_.registry, "has no storage key of the broker", "restore it from a backup"));
        }
    }

    // A typo in acl.yaml looks like a role that nobody has. One in the registry looks like a role that is not written.
    [[nodiscard]] std::string role_remedy(const std::string& role) const {
        std::vector<std::string_view> known;
        for (const auto& [name, grants] : acl_->roles) {
            known.push_back(name);
        }
        return did_you_mean(role, known) + "write the role, or give another one";
    }

    static std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
        const std::string_view meant = nearest(word, known);
        return meant.empty() ? "" : "did you mean " + quote(meant) + "? Or ";
    }

    // The roles that tokens may give to any principal.
    [[nodiscard]] std::vector<std::string> roles_of_tokens() const {
        std::vector<std::string> out;
        if (config_.tokens) {
            for (const auto& [name, scope] : config_.tokens->scopes) {
                out.insert(out.end(), scope.roles.begin(), scope.roles.end());
            }
        }
        return out;
    }

    void inspect_tokens(const config::Tokens& tokens) {
        expect(identity::read_keys(tokens.keys));
        for (const auto& [name, scope] : tokens.scopes) {
            for (const std::string& role : scope.roles) {
                if (acl_ && !acl_->roles.contains(role)) {
                    problem({config_.file, scope.line, "tokens.scopes." + name,
                             "there is no role " + quote(role) + " in " + config_.acl, role_remedy(role)});
                }
            }
        }
    }

    void inspect_rules() {
        const std::vector<std::string> given = roles_of_tokens();
        std::vector<policy::Member> members;
        for (const PrincipalRecord& principal : principals_) {
            if (!principal.revoked && !principal.storage) {
                members.push_back({principal.id, principal.roles});
                members.back().roles.insert(members.back().roles.end(), given.begin(), given.end());
            }
        }
        for (const policy::Advice& advice : policy::advise(*acl_, members, std::time(nullptr))) {
            note(config_.acl + ":" + std::to_string(advice.origin.line) + ": " + advice.origin.key + ": " +
                 advice.text);
        }
    }

    void inspect_acl() {
        inspect_rules();
        const std::vector<std::string> given = roles_of_tokens();
        std::set<std::string, std::less<>> held(given.begin(), given.end());
        std::set<std::string, std::less<>> names;
        for (const PrincipalRecord& principal : principals_) {
            if (!principal.revoked) {
                held.insert(principal.roles.begin(), principal.roles.end());
                names.insert(principal.id);
            }
        }
        for (const auto& [role, grants] : acl_->roles) {
            if (registry_read_ && held.find(role) == held.end()) {
                note(config_.acl + ":" + std::to_string(grants.line) + ": nobody has the role " + quote(role));
            }
        }
        for (const auto& [name, grants] : acl_->principals) {
            if (registry_read_ && names.find(name) == names.end()) {
                problem({config_.acl, grants.line, "principals." + name,
                         "the registry has no principal of this name that is not revoked",
                         did_you_mean(name, {names.begin(), names.end()}) + "add it, or remove it from the ACL"});
            }
        }
    }

    std::string folder_;
    config::Config config_;
    Terminal terminal_;
    int problems_ = 0;
    std::optional<keyring::Keyring> keyring_;
    bool registry_read_ = false;
    std::vector<PrincipalRecord> principals_;
    std::optional<policy::Acl> acl_;
};

Checked<config::Config> read_config_of(const std::string& folder, const std::string& config_file) {
    work_as_owner_of(folder);
    if (config_file.empty()) {
        return read_config(config_path(folder));
    }
    const WithRights caller(Whose::caller);
    return read_config(config_file);
}

}  // namespace

int check(const CheckRequest& request, Terminal terminal) {
    const auto config = read_config_of(request.folder, request.config_file);
    if (!config) {
        terminal.out << config.error().text() << "\n";
        return 1;
    }
    work_as_broker(*config);
    Inspection inspection(request.folder, *config, terminal);
    const int problems = inspection.run(request.broker_file);
    if (problems == 0) {
        terminal.out << "OK: " << inspection.principals() << " principals, nothing wrong\n";
    }
    return problems;
}

}  // namespace reseal::admin
