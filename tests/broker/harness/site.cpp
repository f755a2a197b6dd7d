// SPDX-License-Identifier: Apache-2.0
#include "harness/site.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <span>
#include <sstream>
#include <stdexcept>

#include <openssl/evp.h>
#include <reseal/posix.h>
#include <nlohmann/json.hpp>

#include "base/hex.h"

namespace harness {

namespace {

void read_hex(const std::string& text, std::span<std::uint8_t> out) {
    if (!reseal::from_hex(text, out)) {
        throw std::runtime_error("not the hexadecimal text that was expected");
    }
}

reseal_bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Site::Site(const std::string& parent) : base_(parent + "/reseal-test-XXXXXX") {
    if (mkdtemp(base_.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    folder_ = base_ + "/site";
    provision({"init", folder_});
    set("identity", "{by: fingerprint}");  // few tests are about proving the key in addition to the certificate
}

Site::Site(const Site& first, const std::string& realm) : base_("/tmp/reseal-test-XXXXXX") {
    if (mkdtemp(base_.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    folder_ = base_ + "/site";
    std::filesystem::copy(first.folder_, folder_, std::filesystem::copy_options::recursive);
    std::filesystem::permissions(path("state"), std::filesystem::perms::owner_all);
    for (const auto& entry : std::filesystem::directory_iterator(path("state"))) {
        std::filesystem::remove_all(entry.path());
    }
    set("realm", realm);
    provision({"distrust", "--another-broker"});
}

Site::~Site() {
    std::error_code ignored;
    std::filesystem::remove_all(base_, ignored);
}

std::string Site::certificate(const std::string& id) const {
    return path("principals/" + id + "/" + id + ".crt");
}
std::string Site::key(const std::string& id) const {
    return path("principals/" + id + "/" + id + ".key");
}

std::string Site::provision(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {RESEAL_ADMIN};
    if (arguments.front() != "init") {
        command.insert(command.end(), {"--dir", folder_});
    }
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Ran ran = run(command);
    if (ran.status != 0) {
        throw std::runtime_error("provision " + arguments.front() + " failed: " + ran.output);
    }
    return ran.output;
}

void Site::add(const std::string& id, const std::string& role, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"add", id, "--role", role};
    arguments.insert(arguments.end(), more.begin(), more.end());
    provision(arguments);
}

reseal_credentials Site::credentials(const std::string& id) const {
    const auto json = nlohmann::json::parse(provision({"export", id, "--format", "json"}));
    reseal_credentials out{};
    std::strncpy(out.principal, json.at("principal").get<std::string>().c_str(), RESEAL_PRINCIPAL_MAX);
    out.algorithm = json.at("algorithm").get<std::uint8_t>();
    read_hex(json.at("key_id"), out.key_id);
    const std::string realm = json.at("realm");
    realm.copy(out.realm, RESEAL_REALM_MAX);
    read_hex(json.at("master_secret"), out.master);
    return out;
}

void Site::set(const std::string& key, const std::string& value) const {
    std::istringstream lines(read_all(path("reseal.yaml")));
    std::string out;
    bool inside = false;  // the value of `key`, which may continue in indented lines
    for (std::string line; std::getline(lines, line);) {
        inside = line.starts_with(key + ":") || (inside && line.starts_with(' '));
        if (!inside) {
            out += line + "\n";
        }
    }
    write_all(path("reseal.yaml"), out + key + ": " + value + "\n");
}

// A test's device keeps its epoch in memory. It starts at the current time, so that a second device of the same name
// continues above it.
Device::Device(const Site& site, const std::string& id) {
    static std::atomic<std::uint32_t> started{0};
    stored_epoch_ = static_cast<std::uint32_t>(std::time(nullptr)) + 16 * started++;
    const reseal_credentials credentials = site.credentials(id);
    const reseal_epoch_store epochs = {&stored_epoch_,
                                       [](void* context, std::uint32_t* epoch) {
                                           *epoch = *static_cast<std::uint32_t*>(context);
                                           return RESEAL_OK;
                                       },
                                       [](void* context, std::uint32_t epoch) {
                                           *static_cast<std::uint32_t*>(context) = epoch;
                                           return RESEAL_OK;
                                       }};
    const reseal_random random = reseal_posix_random();
    if (reseal_sender_open(&sender_, &credentials, RESEAL_UPLINK, reseal_crypto_openssl(), &epochs, &random) !=
        RESEAL_OK) {
        throw std::runtime_error("no sender for " + id);
    }
}

Bytes Device::seal(std::string_view topic, std::string_view text) {
    Bytes out(text.size() + RESEAL_OVERHEAD_MAX);
    reseal_buffer buffer{out.data(), out.size(), 0};
    const reseal_status status = reseal_sender_seal(&sender_, as_bytes(topic), as_bytes(text), &buffer);
    if (status != RESEAL_OK) {
        throw std::runtime_error(std::string("not sealed: ") + reseal_status_text(status));
    }
    out.resize(buffer.size);
    return out;
}

std::string Device::proof(const std::string& client_id, reseal_listener listener) {
    const Bytes sealed = seal(reseal_connect_prefix(listener) + client_id, "");
    std::string out(4 * ((sealed.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), sealed.data(), static_cast<int>(sealed.size()));
    out.resize(static_cast<std::size_t>(size));
    out.resize(out.find_last_not_of('=') + 1);
    for (char& c : out) {
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return out;
}

Application::Application(const reseal_credentials& credentials) : words_(RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)) {
    if (reseal_receiver_open(&receiver_, &credentials, RESEAL_DOWNLINK, reseal_crypto_openssl(), words_.data(),
                             RESEAL_WINDOW_DEFAULT, nullptr) != RESEAL_OK) {
        throw std::runtime_error("no receiver for " + std::string(credentials.principal));
    }
}

std::string Application::open(std::string_view topic, const Bytes& message) {
    Bytes out(message.size() + 1);
    reseal_buffer buffer{out.data(), out.size(), 0};
    const reseal_status status =
        reseal_receiver_accept(&receiver_, as_bytes(topic), {message.data(), message.size()}, &buffer);
    if (status != RESEAL_OK) {
        return "!" + std::to_string(status);
    }
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(buffer.size)};
}

std::string text(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}
Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

}  // namespace harness
