// Who a client's certificate says it is, and whether its authority still stands by it.
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
    std::string principal;  // empty if refused, or if the registry is to be asked
    std::string serial;     // for Verifier::status; empty without identity.ca
    std::vector<std::uint8_t>
        number;  // by serial_number: that, big-endian, 1 to 20 bytes, for the registry; else empty
};

// How a broker remembers over a restart which lists counted. `issuer`: the authority's name, its DER bytes.
struct ListDates {
    // When the newest one was issued; 0: none is known.
    std::function<Checked<std::time_t>(std::string_view issuer)> newest;
    std::function<void(std::string_view issuer, std::time_t issued)> note;
};

class Verifier {
  public:
    // Reads the CA file and every revocation list. Faults: see Authority::parse and parse_list; two lists of one
    // authority; by serial_number, more than one authority.
    static Checked<Verifier> open(const config::Identity& settings, std::time_t now);

    // Remembers the lists that open() and look() take over. Fault: one of open()'s is older than one that is
    // remembered.
    [[nodiscard]] Checked<Done> keep_dates(ListDates dates);

    // At CONNECT: chain, name and status(). Its dates the engine checks.
    [[nodiscard]] Examined examine(X509* certificate, std::time_t now) const;

    // Refusal::none if no lists are configured. Otherwise certificate_revoked; revocation_unknown, if no list is of
    // this certificate's issuer; revocation_stale, if that list is past its nextUpdate for longer than the settings
    // allow. Allocates nothing.
    [[nodiscard]] Refusal status(std::string_view serial, std::time_t now) const;

    // Takes over lists whose files changed; one that cannot be used leaves the former one in force. Answers what is
    // new: a list taken over, not taken over, past its nextUpdate (again every day while it is), or at its end. Reads
    // files: call it about twice a second, between messages.
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
