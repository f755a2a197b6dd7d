// SPDX-License-Identifier: Apache-2.0
// Whatever a properly sealed message under a device's key topic contains: the device stores the new key in it, or it
// stores nothing and continues under its own.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <reseal/rekey.h>

namespace {

constexpr std::string_view key_topic = "$reseal/bed-12/key";

void require(bool property) {
    if (!property) {
        std::abort();
    }
}

reseal_credentials own() {
    reseal_credentials out{};
    std::memcpy(out.principal, "bed-12", 7);
    std::memcpy(out.realm, "ward-7", 7);
    out.algorithm = RESEAL_AES_CCM_16_128_128;
    std::memset(out.key_id, 0xC0, RESEAL_KEY_ID_SIZE);
    std::memset(out.master, 0x5A, RESEAL_MASTER_SIZE);
    return out;
}

std::vector<std::uint8_t> sealed(reseal_bytes record) {
    const reseal_credentials under = own();
    const reseal_epoch epoch{1, {1, 2, 3, 4}};
    reseal_epoch_keys keys{};
    require(reseal_epoch_keys_derive(reseal_crypto_openssl(), &under, RESEAL_DOWNLINK, &epoch, RESEAL_USE_SEAL,
                                     &keys) == RESEAL_OK);
    reseal_envelope header{};
    header.algorithm = under.algorithm;
    header.direction = RESEAL_DOWNLINK;
    header.epoch = epoch;
    std::copy_n(under.key_id, RESEAL_KEY_ID_SIZE, header.key_id);
    std::vector<std::uint8_t> out(record.size + RESEAL_OVERHEAD_MAX);
    reseal_buffer buffer{out.data(), out.size(), 0};
    const reseal_bytes topic{reinterpret_cast<const std::uint8_t*>(key_topic.data()), key_topic.size()};
    require(reseal_message_seal(&keys, &header, topic, record, &buffer) == RESEAL_OK);
    reseal_epoch_keys_wipe(&keys);
    out.resize(buffer.size);
    return out;
}

struct Kept {
    reseal_credentials key{};
    bool any = false;
    std::uint32_t epoch = 0;
};

reseal_status keep(void* context, const reseal_credentials* fresh) {
    auto& kept = *static_cast<Kept*>(context);
    kept.key = *fresh;
    kept.any = true;
    return RESEAL_OK;
}

reseal_port port(Kept& kept) {
    const auto load = [](void* context, std::uint32_t* epoch) {
        *epoch = static_cast<Kept*>(context)->epoch;
        return RESEAL_OK;
    };
    const auto store = [](void* context, std::uint32_t epoch) {
        static_cast<Kept*>(context)->epoch = epoch;
        return RESEAL_OK;
    };
    const auto fill = [](void* /*context*/, std::uint8_t* out, std::size_t size) {
        std::fill_n(out, size, 7);
        return true;
    };
    return {reseal_crypto_openssl(), {&kept, load, store}, {nullptr, fill}, {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65535) {
        return 0;
    }
    const std::vector<std::uint8_t> message = sealed({data, size});
    const reseal_credentials before = own();
    Kept kept;
    const reseal_port memory = port(kept);
    const reseal_key_store keys{&kept, keep};
    reseal_device device;
    require(reseal_device_open(&device, &before, &memory) == RESEAL_OK);
    const reseal_status status = reseal_device_rekey(&device, {message.data(), message.size()}, &keys);
    require(kept.any == (status == RESEAL_OK));
    const reseal_credentials& now = kept.any ? kept.key : before;
    require(std::memcmp(&device.sender.credentials, &now, sizeof now) == 0);
    if (kept.any) {
        std::array<std::uint8_t, RESEAL_REKEY_RECORD_MAX> record{};
        const std::size_t written = reseal_rekey_record_write(record.data(), &kept.key);
        require(written == size && std::equal(data, data + size, record.begin()));
        require(std::string_view(kept.key.principal) == "bed-12" && std::string_view(kept.key.realm) == "ward-7" &&
                kept.key.algorithm == before.algorithm);
        require(std::memcmp(kept.key.key_id, before.key_id, RESEAL_KEY_ID_SIZE) != 0);
    }
    reseal_device_close(&device);
    return 0;
}
