// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "admin/commands.h"
#include "admin/credentials_text.h"
#include "admin/secret_output.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/fault.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"
#include "keyring/keyring.h"
#include "keyring/seal.h"

namespace reseal::admin {
namespace {

// Credentials that wipe themselves.
struct Credentials {
    reseal_credentials value{};
    Credentials() = default;
    ~Credentials() { reseal_wipe(&value, sizeof value); }
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
};

std::string guard_for(std::string_view principal) {
    std::string out = "RESEAL_CREDENTIALS_";
    for (const char c : principal) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out += !letter ? '_' : c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out + "_H";
}

SecretText to_c_header(const reseal_credentials& credentials) {
    const std::string guard = guard_for(credentials.principal);
    SecretText out(enough_for_any_format);
    out.append("/*\n * Secret: the key of ").append(credentials.principal);
    out.append(
        ". Compile it into this one device, and keep it out of version control.\n"
        " * Include it in one source file and hand &reseal_device_credentials to reseal_device_open.\n */\n");
    out.append("#ifndef ").append(guard).append("\n#define ").append(guard).append("\n\n#include <reseal/key.h>\n\n");
    // Without names of members, which C++ before 2020 does not have.
    out.append("static const struct reseal_credentials reseal_device_credentials = {\n    ");
    out.append(std::to_string(credentials.algorithm)).append(", /* ");
    out.append(reseal_algorithm_name(credentials.algorithm)).append(" */\n    ");
    append_c_bytes(out, credentials.key_id);
    out.append(", /* key id */\n    \"").append(credentials.realm);
    out.append("\", /* realm */\n    ");
    append_c_bytes(out, credentials.master);
    out.append(", /* master secret */\n    \"")
        .append(credentials.principal)
        .append("\" /* principal */\n};\n\n#endif\n");
    return out;
}

Fault refusal(const std::string& id, const std::string& problem, const std::string& remedy) {
    return {{}, 0, "ID", quote(id) + " " + problem, remedy};
}

// The newest key that is not retired. Fault if there is none, or if the principal's keys are not handed out.
Checked<keyring::Key> exportable_key(const std::optional<keyring::PrincipalRecord>& principal, const std::string& id) {
    if (!principal) {
        return refusal(id, "is not a principal in this registry", "see 'list'");
    }
    if (principal->storage) {
        return refusal(id, "holds the broker's storage key, which is never exported", "export a device's key");
    }
    if (principal->revoked) {
        return refusal(id, "is revoked", "add a principal with another name");
    }
    const auto key = std::find_if(principal->keys.begin(), principal->keys.end(),
                                  [](const keyring::Key& candidate) { return !candidate.retired; });
    if (key == principal->keys.end()) {
        return refusal(id, "has only retired keys", "add a principal with another name");
    }
    return *key;
}

Checked<Done> read_credentials(const ExportRequest& request, reseal_credentials& out) {
    auto site = open_site(request.folder);
    if (!site) {
        return site.error();
    }
    auto registry = keyring::AdminRegistry::open(site->config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto principal = registry->find(request.id);
    if (!principal) {
        return principal.error();
    }
    auto key = exportable_key(*principal, request.id);
    if (!key) {
        return key.error();
    }
    auto master_key = keyring::read_master_key(site->config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    if (!keyring::Keyring(std::move(*master_key)).credentials(**principal, *key, site->config.realm, out)) {
        return file_fault(site->config.registry, "the key of " + request.id + " does not open",
                          "is " + site->config.master_key + " the master key of this registry?");
    }
    return registry->remember(request.id,
                              "exported generation " + std::to_string(key->generation) + " as " + request.format +
                                  (request.output.empty() ? "" : " to " + request.output),
                              {{}, name_of_user(request.who)});
}

}  // namespace

SecretText credentials_json(const reseal_credentials& credentials) {
    SecretText out(enough_for_any_format);
    out.append(R"({"format":"reseal-credentials/2","principal":")").append(credentials.principal);
    out.append(R"(","realm":")").append(credentials.realm);
    out.append(R"(","algorithm":)").append(std::to_string(credentials.algorithm)).append(R"(,"key_id":")");
    append_hex(out, credentials.key_id);
    out.append(R"(","master_secret":")");
    append_hex(out, credentials.master);
    out.append("\"}\n");
    return out;
}

Checked<Done> export_credentials(const ExportRequest& request) {
    if (auto checked = check_one_line("--output", request.output); !checked) {
        return checked;
    }
    Credentials credentials;
    if (auto read = read_credentials(request, credentials.value); !read) {
        return read;
    }
    const SecretText text =
        request.format == "json" ? credentials_json(credentials.value) : to_c_header(credentials.value);
    return hand_out(text, request.output);
}

}  // namespace reseal::admin
