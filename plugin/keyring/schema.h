// SPDX-License-Identifier: Apache-2.0
// The registry's tables, as steps from each version to the next. A new registry takes all steps, an older one those
// that it lacks.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace reseal::keyring {

// `changed` numbers all changes of the registry. Each change is about one principal. No principal is ever deleted, so
// the highest number never goes down. A name has the letters of the protocol. Its size as a BLOB shows a NUL, where
// SQLite's text functions end.
inline constexpr const char* schema_of_version_1 = R"(
CREATE TABLE principal (
    number        INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE
                  CHECK (length(name) BETWEEN 1 AND 64 AND name NOT GLOB '*[^-A-Za-z0-9._]*'
                         AND length(name) = length(CAST(name AS BLOB))),
    storage       INTEGER NOT NULL CHECK (storage IN (0, 1)),
    changed       INTEGER NOT NULL UNIQUE,
    revoked_at    INTEGER,
    revoke_reason TEXT
) STRICT;
CREATE UNIQUE INDEX one_storage_principal ON principal (storage) WHERE storage = 1;
CREATE TABLE role (
    principal     INTEGER NOT NULL REFERENCES principal (number),
    name          TEXT    NOT NULL,
    PRIMARY KEY (principal, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE certificate (
    fingerprint   BLOB    NOT NULL PRIMARY KEY CHECK (length(fingerprint) = 32),
    principal     INTEGER NOT NULL REFERENCES principal (number),
    revoked       INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX certificates_of ON certificate (principal);
CREATE TABLE key (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 7),
    principal     INTEGER NOT NULL REFERENCES principal (number),
    generation    INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 4294967295),
    algorithm     INTEGER NOT NULL CHECK (algorithm IN (1, 3, 24, 30, 31)),
    retired       INTEGER NOT NULL CHECK (retired IN (0, 1)),
    secret        BLOB    NOT NULL CHECK (length(secret) = 72),
    UNIQUE (principal, generation)
) STRICT, WITHOUT ROWID;
)";

// `ends`: seconds since 1970. The key is refused and wiped from then on. A line of `history` is written in the
// transaction of the change that it tells.
inline constexpr const char* schema_of_version_2 = R"(
ALTER TABLE principal ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE principal ADD COLUMN decommissioned INTEGER NOT NULL DEFAULT 0 CHECK (decommissioned IN (0, 1));
ALTER TABLE key ADD COLUMN ends INTEGER CHECK (ends > 0);
CREATE INDEX keys_that_end ON key (ends) WHERE ends IS NOT NULL;
CREATE TABLE history (
    number        INTEGER PRIMARY KEY,
    principal     INTEGER NOT NULL REFERENCES principal (number),
    at            INTEGER NOT NULL,
    what          TEXT    NOT NULL,
    who           TEXT    NOT NULL,
    why           TEXT    NOT NULL
) STRICT;
CREATE INDEX history_of ON history (principal);
INSERT INTO history (principal, at, what, who, why)
    SELECT number, revoked_at, 'revoked', '', coalesce(revoke_reason, '') FROM principal
    WHERE revoked_at IS NOT NULL ORDER BY revoked_at;
ALTER TABLE principal DROP COLUMN revoke_reason;
)";

// `overlap`: for a generation sent over the air, how many seconds after its first use the older ones end.
inline constexpr const char* schema_of_version_3 = R"(
ALTER TABLE key ADD COLUMN overlap INTEGER CHECK (overlap > 0);
)";

// `state`: a row for each state folder, see StateRecord.
inline constexpr const char* schema_of_version_4 = R"(
CREATE TABLE state (
    file          BLOB    NOT NULL PRIMARY KEY CHECK (length(file) = 16),
    generation    INTEGER NOT NULL CHECK (generation > 0),
    epoch         INTEGER NOT NULL CHECK (epoch BETWEEN 0 AND 4294967295)
) STRICT, WITHOUT ROWID;
)";

// `fell`: it was revoked or retired with its principal, and comes back if the principal is reinstated.
inline constexpr const char* schema_of_version_5 = R"(
ALTER TABLE certificate ADD COLUMN fell INTEGER NOT NULL DEFAULT 0 CHECK (fell IN (0, 1));
ALTER TABLE key ADD COLUMN fell INTEGER NOT NULL DEFAULT 0 CHECK (fell IN (0, 1));
)";

inline constexpr std::array schema_steps{schema_of_version_1, schema_of_version_2, schema_of_version_3,
                                         schema_of_version_4, schema_of_version_5};

// From the tables of version `from` to those of this program.
inline std::string steps_from(std::size_t from) {
    std::string out;
    for (std::size_t version = from; version < schema_steps.size(); ++version) {
        out += schema_steps.at(version);
    }
    return out + "PRAGMA user_version = " + std::to_string(schema_steps.size()) + ";";
}

}  // namespace reseal::keyring
