// SPDX-License-Identifier: Apache-2.0
// Which principal a client's certificate names, and whether its authority has revoked it.
#pragma once

#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fault.h"
#include "base/file_watch.h"
#include "base/refusal.h"
#include "config/config.h"
#include "identity/authority.h"
#include "identity/notice.h"
#include "identity/revocation.h"

namespace reseal::identity {

struct Examined {
    Refusal refusal = Refusal::none;
    std::string principal;  // empty if refused, or if only the registry knows it
    std::string serial;     // for Verifier::status; empty without identity.ca
    std::vector<std::uint8_t>
        number;  // by serial_number: the number for the registry, big-endian, 1 to 20 bytes; else empty
};

// How a broker remembers over a restart which lists were in force. `issuer`: the DER bytes of the authority's name.
struct ListDates {
    // When the newest list was issued; 0: none is known.
    std::function<Checked<std::time_t>(std::string_view issuer)> newest;
    std::function<void(std::string_view issuer, std::time_t issued)> note;
};

class Verifier {
  public:
    // Reads the CA file and every revocation list. Faults: see Authority::parse and parse_list; two lists of one
    // authority; by serial_number, more than one authority.
    static Checked<Verifier> open(const config::Identity& settings, std::time_t now);

    // Remembers the lists that open() and look() take over. Fault: one from open() is older than one remembered.
    [[nodiscard]] Checked<Done> keep_dates(ListDates dates);

    // At CONNECT: checks chain, name and status(). The engine checks the dates, too.
    [[nodiscard]] Examined examine(X509* certificate, std::time_t now) const;

    // Refusal::none if no lists are configured. Otherwise also certificate_revoked; revocation_unknown, if no list is
    // from this certificate's issuer; revocation_stale, if that list is past its nextUpdate for longer than the
    // settings allow. Allocates nothing.
    [[nodiscard]] Refusal status(std::string_view serial, std::time_t now) const;

    // Takes over lists whose files changed. If one cannot be used, the former one stays in force. Answers what is new:
    // a list was taken over or could not be; it is past its nextUpdate (told again every day), stale, or current again.
    // Reads files: call it about twice a second, between messages.
    [[nodiscard]] std::vector<Notice> look(std::time_t now);

  private:
    enum class Age : std::uint8_t { fresh, tolerated, stale };
    struct Source {
        std::string path;
        RevocationList list;
        FileWatch watch;
        Age said = Age::fresh;
        std::time_t said_at = 0;
    };

    Verifier(config::Identity settings, Authority authority)
        : settings_(std::move(settings)), authority_(std::move(authority)) {}
    [[nodiscard]] Checked<RevocationList> read(const std::string& path, std::time_t now) const;
    [[nodiscard]] Checked<Done> add(const std::string& path, std::time_t now);
    [[nodiscard]] Notice take_over(Source& source, std::time_t now) const;
    [[nodiscard]] Age age_of(const RevocationList& list, std::time_t now) const;
    [[nodiscard]] Notice notice_of(const Source& source, Age age) const;

    config::Identity settings_;
    Authority authority_;
    std::vector<Source> sources_;
    ListDates dates_;
};

}  // namespace reseal::identity
