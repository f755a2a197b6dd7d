// SPDX-License-Identifier: Apache-2.0
#include "tools/test_support.h"

#include <reseal/posix.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace reseal::tools::testing {
namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

reseal_bytes borrow(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT(*-reinterpret-cast)
}

std::string text_of(const std::vector<std::uint8_t>& bytes, std::size_t size) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

reseal_status load_epoch(void* context, std::uint32_t* epoch) {
    *epoch = *static_cast<std::uint32_t*>(context);
    return RESEAL_OK;
}

reseal_status store_epoch(void* context, std::uint32_t epoch) {
    *static_cast<std::uint32_t*>(context) = epoch;
    return RESEAL_OK;
}

}  // namespace

Folder::Folder() : path_((std::filesystem::temp_directory_path() / "reseal-tools.XXXXXX").string()) {
    require(mkdtemp(path_.data()) != nullptr, "no temporary folder");
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, std::string_view text, mode_t mode) const {
    std::ofstream(path(name)) << text;
    require(chmod(path(name).c_str(), mode) == 0, "the file's mode cannot be set");
    return path(name);
}

std::string Folder::make(const std::string& name) const {
    require(mkdir(path(name).c_str(), 0700) == 0, "no folder");
    return path(name);
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::uint8_t> as_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

reseal_credentials sample_credentials() {
    reseal_credentials credentials{};
    std::strcpy(credentials.principal, "iot_dev_01");  // NOLINT(clang-analyzer-security.insecureAPI.strcpy): it fits
    std::strcpy(credentials.realm, "ward-7");          // NOLINT(clang-analyzer-security.insecureAPI.strcpy): it fits
    credentials.algorithm = RESEAL_AES_CCM_16_128_128;
    std::fill(std::begin(credentials.key_id), std::end(credentials.key_id), std::uint8_t{0xA7});
    std::fill(std::begin(credentials.master), std::end(credentials.master), std::uint8_t{0x5C});
    return credentials;
}

std::string sample_credentials_text() {
    std::string key_id;
    std::string master;
    for (int i = 0; i < RESEAL_KEY_ID_SIZE; ++i) {
        key_id += "a7";
    }
    for (int i = 0; i < RESEAL_MASTER_SIZE; ++i) {
        master += "5c";
    }
    return R"({"format":"reseal-credentials/2","principal":"iot_dev_01","realm":"ward-7","algorithm":30,"key_id":")" +
           key_id + R"(","master_secret":")" + master + "\"}\n";
}

OtherEnd::OtherEnd() : epochs_{&epoch_, load_epoch, store_epoch}, random_(reseal_posix_random()) {
    const reseal_credentials credentials = sample_credentials();
    const reseal_crypto* crypto = reseal_crypto_openssl();
    require(reseal_receiver_open(&receiver_, &credentials, RESEAL_UPLINK, crypto, words_.data(), RESEAL_WINDOW_DEFAULT,
                                 nullptr) == RESEAL_OK,
            "no receiver");
    require(reseal_sender_open(&sender_, &credentials, RESEAL_DOWNLINK, crypto, &epochs_, &random_) == RESEAL_OK,
            "no sender");
}

OtherEnd::~OtherEnd() {
    reseal_receiver_close(&receiver_);
    reseal_sender_close(&sender_);
}

std::string OtherEnd::open(const std::string& topic, std::string_view message) {
    std::vector<std::uint8_t> memory(message.size());
    reseal_buffer out = {memory.data(), memory.size(), 0};
    const reseal_status status = reseal_receiver_accept(&receiver_, borrow(topic), borrow(message), &out);
    return status == RESEAL_OK ? text_of(memory, out.size) : std::string("!") + reseal_status_text(status);
}

std::string OtherEnd::seal(const std::string& topic, std::string_view plaintext) {
    std::vector<std::uint8_t> memory(plaintext.size() + RESEAL_OVERHEAD_MAX);
    reseal_buffer out = {memory.data(), memory.size(), 0};
    require(reseal_sender_seal(&sender_, borrow(topic), borrow(plaintext), &out) == RESEAL_OK, "not sealed");
    return text_of(memory, out.size);
}

}  // namespace reseal::tools::testing
