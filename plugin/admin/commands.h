// SPDX-License-Identifier: Apache-2.0
// The program's commands, one function each. They write results to `out` and warnings to `warn`. A Fault says what
// stopped them.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/fault.h"

namespace reseal::admin {

struct Terminal {
    std::ostream& out;
    std::ostream& warn;
};

struct InitRequest {
    std::string folder;              // to be made; must be missing or empty
    std::string user;                // the user who runs the broker; empty: the user of this program
    std::vector<std::string> hosts;  // of the broker's certificate, besides localhost, 127.0.0.1 and ::1
    std::string config_from;         // folder of the reseal.yaml and acl.yaml to copy
    std::string realm;               // for the copied reseal.yaml; empty: as it is there
};
Checked<Done> init(const InitRequest& request, Terminal terminal);

struct MigrateRequest {
    std::string folder;
    std::string realm;
};
// Takes a site from protocol version 1 to version 2: reseal.yaml gets a realm. Writes who needs new credentials. A site
// that has a realm stays as it is.
Checked<Done> migrate(const MigrateRequest& request, Terminal terminal);

// Where a principal's certificate comes from. With nothing named, a private key is made here.
struct CertificateOrigin {
    std::string csr;       // file of the device's own signing request
    std::string existing;  // file of a certificate that another authority has issued
    int days = 365;        // how long a new one is valid
};

struct AddRequest {
    std::string folder;
    std::string id;
    std::vector<std::string> roles;
    std::string algorithm = "AES-CCM-16-128-128";
    std::string owner;  // who is responsible for it; may be empty
    CertificateOrigin certificate;
    std::string who;  // kept in the history; empty: the user of this program
};
Checked<Done> add(const AddRequest& request, Terminal terminal);

struct RenewRequest {
    std::string folder;
    std::string id;
    CertificateOrigin certificate;
    std::string who;  // kept in the history; empty: the user of this program
};
// Adds a certificate. Those there are stay valid until they expire.
Checked<Done> renew(const RenewRequest& request, Terminal terminal);

struct ImportRequest {
    std::string folder;
    std::string file;  // a table with column names, or lines of `id,key,iv`
    bool legacy = false;
    std::vector<std::string> roles;  // for all, besides those in the table
    std::string owner;               // for those without one in the table
    std::string algorithm = "AES-CCM-16-128-128";
    std::string credentials;  // where to write the secret credentials, a line of JSON each; empty: nowhere
    std::string who;          // kept in the history; empty: the user of this program
};
// Adds all principals of the file, each with a new key, in one transaction, or none.
Checked<Done> import_principals(const ImportRequest& request, Terminal terminal);

struct ListRequest {
    std::string folder;
    std::string format = "table";  // or "json", "csv"
    // Empty: all.
    std::string role;
    std::string owner;
    std::string state;  // "active", "revoked", "decommissioned" or "storage"
};
Checked<Done> list(const ListRequest& request, Terminal terminal);
Checked<Done> show(const std::string& folder, const std::string& id, Terminal terminal);

// A change in the life of one principal. Why and who are kept in its history.
struct LifeRequest {
    std::string folder;
    std::string id;
    std::string why;
    std::string who;  // empty: the user of this program
};
struct Rotation {
    // How long the older generations are still accepted, as "7d", "12h", "30m" or "90s". Empty: not at all; over the
    // air, 30 days.
    std::string overlap;
    bool over_the_air = false;  // the broker sends the new one to the device; the overlap begins with its first use
};
Checked<Done> rotate(const LifeRequest& request, Rotation rotation, Terminal terminal);
// Ends an overlap before its time.
Checked<Done> finish_rotation(const LifeRequest& request, Terminal terminal);
Checked<Done> revoke(const LifeRequest& request, Terminal terminal);
// One certificate, by its fingerprint (SHA-256) or serial number in hex, as show writes it; the others stay.
Checked<Done> revoke_certificate(const LifeRequest& request, const std::string& certificate, Terminal terminal);
// Takes a revocation back, for a day.
Checked<Done> reinstate(const LifeRequest& request, Terminal terminal);
Checked<Done> decommission(const LifeRequest& request, Terminal terminal);
struct RoleChange {
    std::vector<std::string> add;
    std::vector<std::string> remove;
};
// Takes effect for live sessions, too. At least one role must be left.
Checked<Done> change_roles(const LifeRequest& request, const RoleChange& change, Terminal terminal);
Checked<Done> transfer(const LifeRequest& request, const std::string& owner, Terminal terminal);

// Both use `folder` and `who`. A backup replaces the whole `file`. It holds sealed keys, but no master key.
Checked<Done> backup(const LifeRequest& request, const std::string& file, Terminal terminal);
// Only while no broker uses the site. Revocations since the backup stay. Every sender must begin its next epoch.
Checked<Done> restore(const LifeRequest& request, const std::string& file, Terminal terminal);

struct DistrustRequest {
    std::string folder;
    std::string backup;           // a backup that knows epochs; may be empty
    bool own_epochs = false;      // only the broker's own epochs
    bool another_broker = false;  // the first folder of a broker that shares the registry with others
    std::string who;              // kept in the history; empty: the user of this program
};
// Makes the state folder's files again. Only while no broker uses it. Every sender must begin its next epoch.
Checked<Done> distrust(const DistrustRequest& request, Terminal terminal);
// Tells a registry that was copied from another broker of the state folder here. Uses `folder` and `who`.
Checked<Done> adopt(const LifeRequest& request, Terminal terminal);

struct ExportRequest {
    std::string folder;
    std::string id;      // unused by export_pairing, like the folder
    std::string format;  // "json" or "c-header"; for a pairing code "text" or "c-header"
    std::string output;  // a file of mode 0600; empty: standard output
    std::string who;     // kept in the principal's history; empty: the user of this program
};
Checked<Done> export_credentials(const ExportRequest& request);
// Makes a new pairing code, which is stored nowhere.
Checked<Done> export_pairing(const ExportRequest& request);

struct ExplainRequest {
    std::string folder;
    std::string id;
    std::string action;  // "publish", "subscribe" or "deliver"
    std::string topic;   // a topic name; with "subscribe" a topic filter, which may be shared
};
// Is it granted? Writes yes or no, and the file, line and rule that decided it, or all rules that might have done so.
Checked<bool> explain(const ExplainRequest& request, Terminal terminal);

struct WhoRequest {
    std::string folder;
    std::string topic;  // a topic name
};
// Which principals may publish to a topic, subscribe to it and be handed what is published there, and by which rule.
Checked<Done> who(const WhoRequest& request, Terminal terminal);

struct AuditRequest {
    std::string folder;              // the site's
    std::vector<std::string> paths;  // files and folders of an audit trail; none: the site's own
    bool with_key = true;            // check the MACs, with the site's master key
};
// Is the audit trail as it was written? Writes every problem, one a line, or one line "OK: ...".
Checked<bool> verify_audit(const AuditRequest& request, Terminal terminal);

struct ShowAuditRequest {
    AuditRequest trail;
    // Empty: all.
    std::string principal;
    std::string reason;
    std::string event;
    std::string since;  // the beginning of an RFC 3339 time in UTC, as "2026-01-31" or "2026-01-31T12:00"
};
// Writes the requested lines of an audit trail, without hashes. Verifies nothing.
Checked<Done> show_audit(const ShowAuditRequest& request, Terminal terminal);

struct CheckRequest {
    std::string folder;
    std::string config_file;  // empty: the folder's own reseal.yaml
    std::string broker_file;  // mosquitto.conf, to be looked at as well; empty: none
};
// Writes every problem, one a line, or one line "OK: ..."; with a broker_file, before that a line for each of its
// listeners. Answers how many problems there are.
int check(const CheckRequest& request, Terminal terminal);

}  // namespace reseal::admin
