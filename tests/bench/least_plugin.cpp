// SPDX-License-Identifier: Apache-2.0
// The least that any plugin costs that opens each message and gives each subscriber its own sealed copy, marked as
// sealed in MQTT 5. It does only that, with keys that it need not look up. It checks no rights, replays or senders, and
// nobody can open what it seals. tests/bench/run measures Reseal beside it.
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <reseal/crypto.h>

#include "broker/broker.h"
#include "broker/properties.h"

namespace bench::least {
namespace {

constexpr std::size_t subscribers_most = 1000;
constexpr std::size_t together = 64;  // copies sealed in one call
constexpr std::size_t header = 35;    // bytes before the text, as in a message of Reseal
constexpr std::size_t tag = 16;
constexpr std::size_t aad_size = 41;  // of the topic that the bench publishes under

using Bytes = std::vector<std::uint8_t>;

reseal_bytes view(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
}

class Least {
  public:
    Least() : crypto_(reseal_crypto_host()) {
        const std::array<std::uint8_t, 32> key{};
        crypto_->init(&opener_, RESEAL_AES_CCM_16_128_128, RESEAL_USE_OPEN, key.data());
        crypto_->init(&sample_sealer_, RESEAL_AES_CCM_16_128_128, RESEAL_USE_SEAL, key.data());
        for (reseal_aead& sealer : sealers_) {
            crypto_->init(&sealer, RESEAL_AES_CCM_16_128_128, RESEAL_USE_SEAL, key.data());
        }
        // Like a plugin that reads large files: once the C library has freed a large block, it returns less memory to
        // the system. Otherwise copies of 16 kB cost page faults every time.
        mosquitto_free(mosquitto_malloc(std::size_t{4} << 20U));
    }
    ~Least() {
        for (reseal_aead& sealer : sealers_) {
            crypto_->wipe(&sealer);
        }
        crypto_->wipe(&sample_sealer_);
        crypto_->wipe(&opener_);
    }
    Least(const Least&) = delete;
    Least& operator=(const Least&) = delete;

    // A message of this size came: opens one of the same size.
    void arrived(std::size_t size) {
        seal();
        drop_ready();
        fan_out_ = copies_;
        copies_ = 0;
        const std::size_t text = size > header + tag ? size - header - tag : 0;
        if (text != text_.size()) {
            text_.assign(text, 'x');
            sample_.resize(text + tag);
            crypto_->seal(&sample_sealer_, nonce_.data(), view(aad_), view(text_), sample_.data());
        }
        crypto_->open(&opener_, nonce_.data(), view(aad_), view(sample_), text_.data());
    }

    // The next subscriber's copy, which seal() completes; null without memory. The caller's.
    void* copy() {
        auto* out = static_cast<std::uint8_t*>(mosquitto_malloc(size()));
        if (out == nullptr) {
            return nullptr;
        }
        std::memset(out, 0, header);
        jobs_[waiting_] = {.aead = &sealers_[copies_ % subscribers_most],
                           .nonce = nonce_.data(),
                           .aad = view(aad_),
                           .plaintext = view(text_),
                           .out = out + header};
        ++copies_;
        if (++waiting_ == together) {
            seal();
        }
        return out;
    }

    // The same, sealed, together with the next ones: as many as the last message had.
    void* sealed_copy() {
        if (taken_ == ready_.size()) {
            ready_.clear();
            taken_ = 0;
            const std::size_t known = fan_out_ > copies_ ? fan_out_ - copies_ : 1;
            for (std::size_t i = 0; i < std::min(known, together); ++i) {
                ready_.push_back(copy());
            }
            seal();
        }
        return ready_[taken_++];
    }

    void seal() {
        std::array<reseal_seal_job*, together> all{};
        for (std::size_t i = 0; i < waiting_; ++i) {
            all[i] = &jobs_[i];
            if (crypto_->seal_many == nullptr) {
                crypto_->seal(all[i]->aead, all[i]->nonce, all[i]->aad, all[i]->plaintext, all[i]->out);
            }
        }
        if (waiting_ > 0 && crypto_->seal_many != nullptr) {
            crypto_->seal_many(all.data(), waiting_);
        }
        waiting_ = 0;
    }

    [[nodiscard]] std::size_t size() const { return header + text_.size() + tag; }

    mosquitto_plugin_id_t* id = nullptr;
    bool by_name = false;  // the broker is Mosquitto 2.0

  private:
    void drop_ready() {
        for (; taken_ < ready_.size(); ++taken_) {
            mosquitto_free(ready_[taken_]);
        }
    }

    const reseal_crypto* crypto_;
    reseal_aead opener_{};
    reseal_aead sample_sealer_{};
    std::array<reseal_aead, subscribers_most> sealers_{};
    const Bytes nonce_ = Bytes(13);  // the same for all: nothing here is secret
    const Bytes aad_ = Bytes(aad_size);
    Bytes text_;
    Bytes sample_;
    std::array<reseal_seal_job, together> jobs_{};
    std::size_t waiting_ = 0;
    std::size_t copies_ = 0;   // of this message
    std::size_t fan_out_ = 0;  // copies of the one before
    std::vector<void*> ready_;
    std::size_t taken_ = 0;
};

Least& of(void* userdata) {
    return *static_cast<Least*>(userdata);
}

int let_in(int /*event*/, void* /*data*/, void* /*userdata*/) {
    return MOSQ_ERR_SUCCESS;
}

int tick(int /*event*/, void* /*data*/, void* userdata) {
    of(userdata).seal();
    return MOSQ_ERR_SUCCESS;
}

// The mark of a sealed message, protocol.md, "In MQTT 5"; the caller's.
mosquitto_property* mark_for(const mosquitto* client) {
    if (mosquitto_client_protocol_version(client) != 5) {
        return nullptr;
    }
    reseal::broker::Properties out;
    reseal::broker::mark_sealed(out);
    return out.release();
}

// Mosquitto 2.0: the copy is published to the subscriber, in place of the message.
int instead(Least& least, const mosquitto_evt_acl_check& event) {
    void* payload = least.copy();
    mosquitto_broker_publish(mosquitto_client_id(event.client), event.topic, static_cast<int>(least.size()), payload,
                             event.qos, false, mark_for(event.client));
    return MOSQ_ERR_ACL_DENIED;
}

int check(int /*event*/, void* data, void* userdata) {
    const auto& event = *static_cast<const mosquitto_evt_acl_check*>(data);
    if (event.access == MOSQ_ACL_WRITE) {
        of(userdata).arrived(event.payloadlen);
    }
    return event.access == MOSQ_ACL_READ && of(userdata).by_name ? instead(of(userdata), event) : MOSQ_ERR_SUCCESS;
}

// Mosquitto 2.1: the copy replaces the outgoing payload; the properties, with the mark, are those of the original.
int out(int /*event*/, void* data, void* userdata) {
    auto& event = *static_cast<mosquitto_evt_message*>(data);
    event.payload = of(userdata).sealed_copy();
    event.payloadlen = static_cast<std::uint32_t>(of(userdata).size());
    return MOSQ_ERR_SUCCESS;
}

// What the broker calls, from start() to stop(). Of the last two it has one or the other.
struct Registration {
    int event;
    MOSQ_FUNC_generic_callback callback;
};
constexpr std::array registrations = {Registration{MOSQ_EVT_BASIC_AUTH, let_in},
                                      Registration{MOSQ_EVT_ACL_CHECK, check}};
constexpr Registration when_sent = {reseal::broker::message_out_event, out};
constexpr Registration each_round = {MOSQ_EVT_TICK, tick};

void start(Least& least) {
    const auto add = [&](const Registration& one) {
        return mosquitto_callback_register(least.id, one.event, one.callback, nullptr, &least) == MOSQ_ERR_SUCCESS;
    };
    std::ranges::for_each(registrations, add);
    least.by_name = !add(when_sent);
    if (least.by_name) {
        add(each_round);
    }
}

void stop(const Least& least) {
    const auto remove = [&](const Registration& one) {
        mosquitto_callback_unregister(least.id, one.event, one.callback, nullptr);
    };
    std::ranges::for_each(registrations, remove);
    remove(least.by_name ? each_round : when_sent);
}

}  // namespace
}  // namespace bench::least

extern "C" {

mosq_plugin_EXPORT __attribute__((visibility("default"))) int mosquitto_plugin_version(int count, const int* versions) {
    return std::find(versions, versions + count, MOSQ_PLUGIN_VERSION) != versions + count ? MOSQ_PLUGIN_VERSION : -1;
}

mosq_plugin_EXPORT __attribute__((visibility("default"))) int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier,
                                                                                    void** userdata,
                                                                                    mosquitto_opt* /*options*/,
                                                                                    int /*option_count*/) {
    auto* least = new bench::least::Least;
    least->id = identifier;
    bench::least::start(*least);
    *userdata = least;
    return MOSQ_ERR_SUCCESS;
}

mosq_plugin_EXPORT __attribute__((visibility("default"))) int mosquitto_plugin_cleanup(void* userdata,
                                                                                       mosquitto_opt* /*options*/,
                                                                                       int /*option_count*/) {
    auto* least = static_cast<bench::least::Least*>(userdata);
    bench::least::stop(*least);
    delete least;
    return MOSQ_ERR_SUCCESS;
}
}
