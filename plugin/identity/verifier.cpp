// SPDX-License-Identifier: Apache-2.0
#include "identity/verifier.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "identity/naming.h"

namespace reseal::identity {

using By = config::Identity::By;

namespace {

constexpr std::size_t authority_most = std::size_t{1} << 20U;
constexpr std::size_t list_most = std::size_t{64} << 20U;
constexpr std::time_t day = std::time_t{24} * 3600;

std::string date_of(std::time_t time) {
    std::tm parts{};
    std::string out(sizeof "2000-01-01T00:00:00Z", '\0');
    gmtime_r(&time, &parts);
    out.resize(std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
    return out;
}

}  // namespace

Checked<Verifier> Verifier::open(const config::Identity& settings, std::time_t now) {
    if (settings.ca.empty()) {
        return Verifier(settings, Authority());
    }
    const auto pem = read_file(settings.ca, authority_most);
    if (!pem) {
        return pem.error();
    }
    auto authority = Authority::parse(*pem, settings.ca);
    if (!authority) {
        return authority.error();
    }
    if (settings.by == By::serial_number && authority->size() > 1) {
        return Fault{.file = settings.ca,
                     .line = 0,
                     .key = "identity.by",
                     .problem = "a serial number identifies nobody when there is more than one authority",
                     .remedy = "name a file that holds only the authority that issues the clients' certificates"};
    }
    Verifier out(settings, std::move(*authority));
    for (const std::string& path : settings.crl) {
        if (auto added = out.add(path, now); !added) {
            return added.error();
        }
    }
    return out;
}

Checked<RevocationList> Verifier::read(const std::string& path, std::time_t now) const {
    const auto bytes = read_file(path, list_most);
    return bytes ? parse_list(*bytes, path, authority_, now) : bytes.error();
}

Checked<Done> Verifier::add(const std::string& path, std::time_t now) {
    Source source;
    source.path = path;
    source.watch.watch({path});
    auto list = read(path, now);
    if (!list) {
        return list.error();
    }
    source.list = std::move(*list);
    const auto same = [&](const Source& other) { return other.list.issuer == source.list.issuer; };
    if (std::ranges::any_of(sources_, same)) {
        return Fault{.file = path,
                     .line = 0,
                     .key = {},
                     .problem = "another file under identity.crl is from the same authority",
                     .remedy = "name one list from each authority"};
    }
    sources_.push_back(std::move(source));
    return Done{};
}

Checked<Done> Verifier::keep_dates(ListDates dates) {
    for (const Source& source : sources_) {
        const auto newest = dates.newest(source.list.issuer);
        if (!newest) {
            return newest.error();
        }
        if (source.list.issued < *newest) {
            return Fault{.file = source.path,
                         .line = 0,
                         .key = {},
                         .problem = "the list was issued on " + date_of(source.list.issued) + ", but one of " +
                                    date_of(*newest) + " was in force here before",
                         .remedy = "put the newest list from that authority there"};
        }
        dates.note(source.list.issuer, source.list.issued);
    }
    dates_ = std::move(dates);
    return Done{};
}

Examined Verifier::examine(X509* certificate, std::time_t now) const {
    Examined out;
    if (settings_.ca.empty()) {
        return out;
    }
    out.refusal = authority_.verify(certificate);
    if (out.refusal != Refusal::none) {
        return out;
    }
    out.serial = serial_key(*certificate);
    out.refusal = status(out.serial, now);
    if (out.refusal == Refusal::none && settings_.by == By::serial_number) {
        out.number = serial_number(*certificate);
        out.refusal = out.number.empty() ? Refusal::certificate_name_malformed : Refusal::none;
    }
    if (out.refusal == Refusal::none && settings_.named()) {
        Named named = name_of(*certificate, settings_);
        out.refusal = named.refusal;
        out.principal = std::move(named.principal);
    }
    return out;
}

Refusal Verifier::status(std::string_view serial, std::time_t now) const {
    if (sources_.empty()) {
        return Refusal::none;
    }
    for (const Source& source : sources_) {
        if (!serial.starts_with(source.list.issuer)) {  // DER states its own length, so no issuer begins with another
            continue;
        }
        if (source.list.revoked.contains(serial)) {
            return Refusal::certificate_revoked;
        }
        return age_of(source.list, now) == Age::stale ? Refusal::revocation_stale : Refusal::none;
    }
    return Refusal::revocation_unknown;
}

Verifier::Age Verifier::age_of(const RevocationList& list, std::time_t now) const {
    if (now <= list.next_update) {
        return Age::fresh;
    }
    return now <= list.next_update + static_cast<std::time_t>(settings_.warn_days) * day ? Age::tolerated : Age::stale;
}

std::vector<Notice> Verifier::look(std::time_t now) {
    std::vector<Notice> out;
    for (Source& source : sources_) {
        if (source.watch.changed()) {
            out.push_back(take_over(source, now));
        }
        const Age age = age_of(source.list, now);
        const bool again = age != Age::fresh && now >= source.said_at + day;
        if (age == source.said && !again) {
            continue;
        }
        source.said = age;
        source.said_at = now;
        out.push_back(notice_of(source, age));
    }
    return out;
}

Notice Verifier::take_over(Source& source, std::time_t now) const {
    auto fresh = read(source.path, now);
    if (!fresh) {
        return {.kind = Notice::Kind::unreadable,
                .text = "the former revocation list stays in force: " + fresh.error().text()};
    }
    if (fresh->issued < source.list.issued) {
        return {.kind = Notice::Kind::unreadable,
                .text = "the former revocation list stays in force: " + source.path +
                        ": the new one is older, issued on " + date_of(fresh->issued)};
    }
    if (fresh->issuer != source.list.issuer) {
        return {.kind = Notice::Kind::unreadable,
                .text = "the former revocation list stays in force: " + source.path +
                        ": it is now from another authority; restart the broker if that is intended"};
    }
    source.list = std::move(*fresh);
    if (dates_.note) {
        dates_.note(source.list.issuer, source.list.issued);
    }
    return {.kind = Notice::Kind::well,
            .text = "loaded the revocation list " + source.path + ": " + std::to_string(source.list.revoked.size()) +
                    " certificates, next update " + date_of(source.list.next_update)};
}

Notice Verifier::notice_of(const Source& source, Age age) const {
    const std::string since = source.path + ": no new list since " + date_of(source.list.next_update);
    switch (age) {
        case Age::tolerated:
            return {.kind = Notice::Kind::stale,
                    .text = since + "; the old one counts until " +
                            date_of(source.list.next_update + static_cast<std::time_t>(settings_.warn_days) * day) +
                            ", then certificates of its authority are refused"};
        case Age::stale:
            return {.kind = Notice::Kind::stale, .text = since + "; certificates of its authority are refused"};
        case Age::fresh:
            break;
    }
    return {.kind = Notice::Kind::well, .text = source.path + ": the revocation list is current again"};
}

}  // namespace reseal::identity
