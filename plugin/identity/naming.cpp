// SPDX-License-Identifier: Apache-2.0
#include "identity/naming.h"

#include <optional>
#include <string_view>
#include <vector>

#include "base/principal_name.h"
#include "identity/openssl.h"

namespace reseal::identity {

using config::Identity;

namespace {

constexpr std::string_view placeholder = "{id}";

// All names of one kind. Nothing if they cannot be read.
using Found = std::optional<std::vector<std::string>>;

std::string text_of(const ASN1_STRING* value) {
    const unsigned char* data = ASN1_STRING_get0_data(value);
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

Found alternative_names(const X509& certificate, int kind) {
    int state = 0;  // -1: there are none; -2: the extension occurs twice
    const Names names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, &state, nullptr)));
    if (!names) {
        ERR_clear_error();
        return state == -1 ? Found(std::vector<std::string>()) : std::nullopt;
    }
    std::vector<std::string> out;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int found = 0;
        const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &found);
        if (found == kind) {
            out.push_back(text_of(static_cast<const ASN1_STRING*>(value)));
        }
    }
    return out;
}

std::optional<std::string> utf8_of(const ASN1_STRING* value) {
    unsigned char* data = nullptr;
    const int size = ASN1_STRING_to_UTF8(&data, value);
    if (size < 0) {
        ERR_clear_error();
        return std::nullopt;
    }
    std::string out(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return out;
}

Found common_names(const X509& certificate) {
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    std::vector<std::string> out;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
        const auto name = utf8_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
        if (!name) {
            return std::nullopt;
        }
        out.push_back(*name);
    }
    return out;
}

Found names_in(const X509& certificate, Identity::By by) {
    switch (by) {
        case Identity::By::san_uri:
            return alternative_names(certificate, GEN_URI);
        case Identity::By::san_dns:
            return alternative_names(certificate, GEN_DNS);
        case Identity::By::common_name:
            return common_names(certificate);
        case Identity::By::fingerprint:
        case Identity::By::serial_number:
            break;
    }
    return std::nullopt;
}

// The text in place of {id}. Nothing if `name` does not match.
std::optional<std::string_view> id_in(std::string_view name, std::string_view pattern) {
    const std::size_t at = pattern.find(placeholder);
    const std::string_view before = pattern.substr(0, at);
    const std::string_view after = pattern.substr(at + placeholder.size());
    if (name.size() < before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after)) {
        return std::nullopt;
    }
    return name.substr(before.size(), name.size() - before.size() - after.size());
}

}  // namespace

Named name_of(const X509& certificate, const Identity& settings) {
    const Found names = names_in(certificate, settings.by);
    if (!names) {
        return {.refusal = Refusal::certificate_name_malformed, .principal = {}};
    }
    const bool one_label = settings.by == Identity::By::san_dns;
    std::optional<std::string> only;
    for (const std::string& name : *names) {
        const auto id = id_in(name, settings.pattern);
        if (!id) {
            continue;
        }
        if (!valid_principal(*id) || (one_label && id->find('.') != std::string_view::npos)) {
            return {.refusal = Refusal::certificate_name_malformed, .principal = {}};
        }
        if (only) {
            return {.refusal = Refusal::certificate_name_ambiguous, .principal = {}};
        }
        only = *id;
    }
    return only ? Named{.refusal = Refusal::none, .principal = *only}
                : Named{.refusal = Refusal::certificate_name_missing, .principal = {}};
}

std::string common_name_of(const X509& certificate) {
    const Found names = common_names(certificate);
    const bool one = names && names->size() == 1 && names->front().find('\0') == std::string::npos;
    return one ? names->front() : std::string();
}

}  // namespace reseal::identity
