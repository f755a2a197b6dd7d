// SPDX-License-Identifier: Apache-2.0
// audit verify and audit show.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>

#include <nlohmann/json.hpp>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/with_rights.h"
#include "audit/folder.h"
#include "audit/lines.h"
#include "audit/record.h"
#include "audit/verify.h"
#include "base/fault.h"
#include "base/hex.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/refusal.h"
#include "keyring/seal.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

// What a site knows of its own trail.
struct SiteTrail {
    std::string folder;
    std::string mark;
    std::string master_key;
    std::uint32_t keep_days = 0;
};

Checked<SiteTrail> site_trail(const std::string& folder) {
    const auto site = open_site(folder);
    if (!site) {
        return site.error();
    }
    if (!site->config.audit) {
        return file_fault(config_path(folder), "names no audit trail", "write the key 'audit', or name files");
    }
    return SiteTrail{.folder = site->config.audit->folder,
                     .mark = audit::mark_path(site->config.state),
                     .master_key = site->config.master_key,
                     .keep_days = site->config.audit->keep_days};
}

// The files of all named folders and files, in the order of their lines.
Checked<std::vector<std::string>> files_under(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    for (const std::string& path : paths) {
        std::error_code ignored;
        if (!fs::is_directory(path, ignored)) {
            out.push_back(path);
            continue;
        }
        const auto files = audit::trail_files(path);
        if (!files) {
            return files.error();
        }
        out.insert(out.end(), files->begin(), files->end());
    }
    std::ranges::stable_sort(out, {}, [](const std::string& path) { return fs::path(path).filename().string(); });
    return out;
}

// Files named on the command line are read with the caller's rights, the site's own with those of the broker's user.
std::unique_ptr<WithRights> rights_for(const AuditRequest& request) {
    return request.paths.empty() ? nullptr : std::make_unique<WithRights>(Whose::caller);
}

Checked<std::vector<std::string>> files_of(const AuditRequest& request) {
    if (!request.paths.empty()) {
        return files_under(request.paths);
    }
    const auto trail = site_trail(request.folder);
    return trail ? files_under({trail->folder}) : Checked<std::vector<std::string>>(trail.error());
}

Checked<std::optional<audit::Key>> key_of(const AuditRequest& request) {
    if (!request.with_key) {
        return std::optional<audit::Key>();
    }
    const auto site = open_site(request.folder);
    if (!site) {
        Fault fault = site.error();
        fault.remedy += ", or use --no-key";
        return fault;
    }
    const auto master_key = keyring::read_master_key(site->config.master_key);
    return master_key ? Checked<std::optional<audit::Key>>(std::optional(audit::derive_key(*master_key)))
                      : master_key.error();
}

bool same_folder(const std::string& a, const std::string& b) {
    std::error_code error;
    return fs::equivalent(a, b, error) && !error;
}

// The site's own trail, if the request is about it.
std::optional<SiteTrail> own_trail(const AuditRequest& request) {
    const auto trail = site_trail(request.folder);
    const auto is_own = [&](const std::string& path) { return same_folder(path, trail->folder); };
    const bool own = trail && (request.paths.empty() || std::ranges::any_of(request.paths, is_own));
    return own ? std::optional(*trail) : std::nullopt;
}

// The mark belongs to the site's own trail. Read before the files: the broker may be writing.
Checked<std::optional<audit::Position>> mark_of(const std::optional<SiteTrail>& own) {
    return own ? audit::read_mark(own->mark) : Checked<std::optional<audit::Position>>(std::nullopt);
}

// How far back the trail should reach, in milliseconds since 1970.
std::optional<std::int64_t> keep_from(const std::optional<SiteTrail>& own) {
    constexpr std::int64_t day = std::int64_t{24} * 3600 * 1000;
    return own ? std::optional(audit::now() - own->keep_days * day) : std::nullopt;
}

// Only whoever names whole folders claims that no line is missing at the front.
bool whole(const AuditRequest& request) {
    return std::ranges::all_of(request.paths, [](const std::string& path) { return fs::is_directory(path); });
}

void say(const audit::Answer& answer, std::size_t files, bool with_key, Terminal terminal) {
    for (const std::string& note : answer.notes) {
        terminal.warn << "note: " << note << "\n";
    }
    for (const std::string& problem : answer.problems) {
        terminal.out << problem << "\n";
    }
    if (!answer.problems.empty()) {
        return;
    }
    terminal.out << "OK: lines " << answer.first << " to " << answer.last.number << " in " << files
                 << (files == 1 ? " file" : " files") << ", " << (with_key ? "chain and MACs" : "chain only")
                 << "; the last line's SHA-256 is " << hex(answer.last.hash) << "\n";
}

bool wanted(const nlohmann::json& line, const ShowAuditRequest& request) {
    const auto is = [&](const char* field, const std::string& value) {
        return value.empty() || line.value(field, std::string()) == value;
    };
    return is("principal", request.principal) && is("reason", request.reason) && is("event", request.event) &&
           line.value("time", std::string()) >= request.since;
}

template <class Enum>
Checked<Done> check_name(const char* option, const std::string& word, std::size_t first, std::size_t count) {
    std::vector<std::string_view> names;
    std::string all;
    for (std::size_t at = first; at < count; ++at) {
        names.push_back(name_of(static_cast<Enum>(at)));
        all.append(all.empty() ? "" : ", ").append(names.back());
    }
    if (word.empty() || std::ranges::find(names, word) != names.end()) {
        return Done{};
    }
    const std::string_view meant = nearest(word, names);
    return Fault{{},
                 0,
                 option,
                 quote(word) + " is not known",
                 meant.empty() ? "one of " + all : "did you mean " + quote(meant) + "?"};
}

// A beginning of 2026-01-31T12:00:00 that ends after the day, the minute or the second.
Checked<Done> check_time(const std::string& text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00";
    const bool whole = text.empty() || text.size() == 10 || text.size() == 16 || text.size() == shape.size();
    const auto fits = [](char c, char wanted) { return wanted == '0' ? '0' <= c && c <= '9' : c == wanted; };
    if (whole && std::equal(text.begin(), text.end(), shape.begin(), fits)) {
        return Done{};
    }
    return Fault{{}, 0, "--since", quote(text) + " is not a time", "UTC, such as 2026-01-31 or 2026-01-31T12:00"};
}

Checked<Done> check_show(const ShowAuditRequest& request) {
    if (auto event = check_name<audit::Event>("--event", request.event, 0, audit::event_count); !event) {
        return event;
    }
    if (auto reason = check_name<Refusal>("--reason", request.reason, 1, refusal_count); !reason) {
        return reason;
    }
    if (auto principal = request.principal.empty() ? Done{} : check_principal_name("--principal", request.principal);
        !principal) {
        return principal;
    }
    return check_time(request.since);
}

Checked<Done> show_file(const std::string& path, const ShowAuditRequest& request, Terminal terminal) {
    auto lines = audit::Lines::open(path);
    if (!lines) {
        return lines.error();
    }
    std::string text;
    Checked<bool> more = lines->next(text);
    for (; more && *more; more = lines->next(text)) {
        auto line = nlohmann::ordered_json::parse(text, nullptr, false);
        if (!line.is_object() || !wanted(line, request)) {
            continue;
        }
        line.erase("prev");
        line.erase("mac");
        terminal.out << line.dump(-1, ' ', true) << "\n";  // ASCII: it cannot control a terminal
    }
    return more ? Checked<Done>(Done{}) : more.error();
}

}  // namespace

Checked<bool> verify_audit(const AuditRequest& request, Terminal terminal) {
    const auto key = key_of(request);
    if (!key) {
        return key.error();
    }
    const auto own = own_trail(request);
    const auto mark = mark_of(own);
    if (!mark) {
        return mark.error();
    }
    const auto rights = rights_for(request);
    const auto files = files_of(request);
    if (!files) {
        return files.error();
    }
    if (files->empty() && !*mark) {
        return Fault{.problem = "there are no files of an audit trail", .remedy = "name its folder, or files"};
    }
    const auto answer = audit::verify({.files = *files,
                                       .key = *key ? &**key : nullptr,
                                       .from_beginning = whole(request),
                                       .mark = *mark,
                                       .keep_from = keep_from(own)});
    if (!answer) {
        return answer.error();
    }
    say(*answer, files->size(), request.with_key, terminal);
    return answer->problems.empty();
}

Checked<Done> show_audit(const ShowAuditRequest& request, Terminal terminal) {
    if (auto checked = check_show(request); !checked) {
        return checked;
    }
    const auto rights = rights_for(request.trail);
    const auto files = files_of(request.trail);
    if (!files) {
        return files.error();
    }
    for (const std::string& file : *files) {
        if (auto shown = show_file(file, request, terminal); !shown) {
            return shown;
        }
    }
    return Done{};
}

}  // namespace reseal::admin
