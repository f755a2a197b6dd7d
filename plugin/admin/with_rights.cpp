// SPDX-License-Identifier: Apache-2.0
#include "admin/with_rights.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <vector>

#include "base/fault.h"

namespace reseal::admin {
namespace {

struct User {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
    std::string what_is_owned;
};

// The process has one set of rights, so there is only one of these.
struct Users {
    User caller;
    User owner;   // of the site's folder
    User broker;  // the user who runs the broker, as far as known
    Whose now = Whose::caller;
    Users() {
        caller.user = ::geteuid();
        caller.group = ::getegid();
        caller.groups.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
        const int count = ::getgroups(static_cast<int>(caller.groups.size()), caller.groups.data());
        caller.groups.resize(static_cast<std::size_t>(std::max(0, count)));
        owner = caller;
        broker = caller;
    }
    [[nodiscard]] const User& of(Whose whose) const {
        return whose == Whose::caller ? caller : whose == Whose::owner ? owner : broker;
    }
};

Users& users() {
    static Users all;
    return all;
}

bool by_root() {
    return users().caller.user == 0;
}

// Only root may set groups, so the process is root in between.
bool try_become(Whose whose) {
    const User& user = users().of(whose);
    const bool already = ::geteuid() == user.user && ::getegid() == user.group;
    users().now = whose;
    return already || (::seteuid(0) == 0 && ::setgroups(user.groups.size(), user.groups.data()) == 0 &&
                       ::setegid(user.group) == 0 && ::seteuid(user.user) == 0);
}

void become(Whose whose) {
    if (!try_become(whose)) {
        throw std::system_error(errno, std::generic_category(),
                                "working with the rights of uid " + std::to_string(users().of(whose).user));
    }
}

// With the user's own groups if it has a name, else only with the group of the file.
User owner_of(const std::string& path, const struct stat& status) {
    User out{status.st_uid, status.st_gid, {status.st_gid}, path};
    const passwd* entry = ::getpwuid(status.st_uid);  // NOLINT(concurrency-mt-unsafe): one thread
    if (entry != nullptr) {
        out.group = entry->pw_gid;
        int count = 64;
        out.groups.resize(static_cast<std::size_t>(count));
        const bool all = ::getgrouplist(entry->pw_name, entry->pw_gid, out.groups.data(), &count) >= 0;
        out.groups.resize(all ? static_cast<std::size_t>(count) : 0);
    }
    return out;
}

}  // namespace

void work_as_owner_of(const std::string& folder) {
    struct stat status {};
    if (!by_root() || ::stat(folder.c_str(), &status) != 0 || status.st_uid == 0) {
        return;
    }
    users().owner = owner_of(folder, status);
    users().broker = users().owner;
    become(Whose::broker);
}

void work_as_broker(const config::Config& config) {
    struct stat status {};
    if (!by_root() || users().owner.user != 0) {
        return;
    }
    for (const std::string& path : {config.registry, config.state}) {
        if (::lstat(path.c_str(), &status) == 0) {
            if (status.st_uid != 0) {
                users().broker = owner_of(path, status);
                become(Whose::broker);
            }
            return;
        }
    }
}

WithRights::WithRights(Whose whose) : before_(users().now) {
    if (by_root()) {
        become(whose);
    }
}

WithRights::~WithRights() {
    if (by_root() && !try_become(before_)) {
        std::terminate();  // rather than go on with more rights than intended
    }
}

Checked<Done> give_to_broker(const std::string& path) {
    const User& broker = users().broker;
    if (broker.user == ::geteuid() || ::lchown(path.c_str(), broker.user, broker.group) == 0 || errno == ENOENT) {
        return Done{};
    }
    return system_fault(path, "giving it to the broker's user", "chown it by hand");
}

std::string whose_rights() {
    const User& working = users().broker;
    if (working.user == users().caller.user) {
        return {};
    }
    const passwd* entry = ::getpwuid(working.user);  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string name = entry == nullptr ? "uid " + std::to_string(working.user) : std::string(entry->pw_name);
    return "as " + name + ", who owns " + working.what_is_owned;
}

}  // namespace reseal::admin
