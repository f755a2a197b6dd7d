// SPDX-License-Identifier: Apache-2.0
// Verifies tokens of the issuer that the configuration names, under its keys as they are in the file now.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/file_watch.h"
#include "config/config.h"
#include "identity/notice.h"
#include "token/token.h"

namespace reseal::identity {

// The issuer's public keys. Faults: see read_file and token::KeySet::parse; more than 1 MiB.
Checked<token::KeySet> read_keys(const std::string& path);

class TokenVerifier {
  public:
    // Reads the keys. Faults as for read_keys().
    static Checked<TokenVerifier> open(const config::Tokens& settings);

    // See token::check.
    [[nodiscard]] token::Verdict check(std::string_view token, const token::Bearer& bearer, std::time_t now) const {
        return token::check(token, rules_, keys_, bearer, now);
    }

    // Takes over the keys when their file has changed. If it cannot be used, the former keys stay. Answers what to tell
    // the operator. Reads files: call it about twice a second, between messages.
    [[nodiscard]] std::optional<Notice> look();

  private:
    TokenVerifier(token::Rules rules, std::string path) : rules_(std::move(rules)), path_(std::move(path)) {}

    token::Rules rules_;
    std::string path_;
    token::KeySet keys_;
    FileWatch watch_;
};

}  // namespace reseal::identity
