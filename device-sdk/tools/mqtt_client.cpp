// SPDX-License-Identifier: Apache-2.0
#include "tools/mqtt_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "tools/mqtt_properties.h"

namespace reseal::tools {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto answer_limit = std::chrono::seconds(20);
constexpr auto farewell_limit = std::chrono::seconds(2);
constexpr milliseconds step(100);
constexpr int reads_at_once = 64;
constexpr int first_failure = 0x80;                          // MQTT 5 section 2.4
constexpr std::uint32_t session_never_expires = 0xFFFFFFFF;  // section 3.1.2.11.2

// The reason string that a broker may add, before the meaning of its code.
std::string with_reason_string(const std::string& meaning, const mosquitto_property* properties) {
    char* text = nullptr;
    if (mosquitto_property_read_string(properties, MQTT_PROP_REASON_STRING, &text, false) == nullptr) {
        return meaning;
    }
    const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
    return meaning + " (" + text + ")";
}

std::string connack_meaning(int reason) {
    return reason < first_failure ? mosquitto_connack_string(reason) : mosquitto_reason_string(reason);
}

// Whether the same attempt would get the same answer again. MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2.
bool is_final(int reason) {
    constexpr std::array final_reasons = {1,
                                          2,
                                          4,
                                          5,
                                          int{MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION},
                                          int{MQTT_RC_CLIENTID_NOT_VALID},
                                          int{MQTT_RC_BAD_USERNAME_OR_PASSWORD},
                                          int{MQTT_RC_NOT_AUTHORIZED},
                                          int{MQTT_RC_BANNED},
                                          int{MQTT_RC_BAD_AUTHENTICATION_METHOD}};
    return std::find(final_reasons.begin(), final_reasons.end(), reason) != final_reasons.end();
}

Checked<Done> initialise_library() {
    static const int result = mosquitto_lib_init();
    if (result != MOSQ_ERR_SUCCESS) {
        return Fault{"libmosquitto", mosquitto_strerror(result)};
    }
    return Done{};
}

const char* path_or_null(const std::string& path) {
    return path.empty() ? nullptr : path.c_str();
}

}  // namespace

// libmosquitto is C: no exception may pass through it, so these only record what happened.
struct MqttClient::Callbacks {
    static MqttClient& self(void* object) { return *static_cast<MqttClient*>(object); }

    static void on_connect(mosquitto* /*handle*/, void* object, int reason, int /*flags*/,
                           const mosquitto_property* properties) noexcept {
        self(object).connack_text_ = with_reason_string(connack_meaning(reason), properties);
        self(object).connack_ = reason;
    }

    static void on_disconnect(mosquitto* /*handle*/, void* object, int reason,
                              const mosquitto_property* properties) noexcept {
        const char* meaning = reason < first_failure ? mosquitto_strerror(reason) : mosquitto_reason_string(reason);
        self(object).lose(with_reason_string(meaning, properties));
    }

    static void on_publish(mosquitto* /*handle*/, void* object, int id, int reason,
                           const mosquitto_property* properties) noexcept {
        self(object).events_.emplace_back(
            Acknowledged{id, reason < first_failure, with_reason_string(mosquitto_reason_string(reason), properties)});
    }

    static void on_message(mosquitto* /*handle*/, void* object, const mosquitto_message* message,
                           const mosquitto_property* /*properties*/) noexcept {
        const auto* bytes = static_cast<const std::uint8_t*>(message->payload);
        self(object).events_.emplace_back(Received{message->topic, {bytes, bytes + message->payloadlen}});
    }

    static void on_subscribe(mosquitto* /*handle*/, void* object, int id, int count, const int* reasons,
                             const mosquitto_property* /*properties*/) noexcept {
        self(object).granted_ = Granted{id, {reasons, reasons + count}};
    }

    static void on_log(mosquitto* /*handle*/, void* object, int level, const char* text) noexcept {
        if (level == MOSQ_LOG_ERR) {
            self(object).last_error_ = text;
        }
        if (self(object).options_.debug) {
            (void)std::fprintf(stderr, "%s\n", text);
        }
    }
};

Checked<std::unique_ptr<MqttClient>> MqttClient::make(const ConnectionOptions& options, const std::string& client_id,
                                                      const StopSignal& stop) {
    if (const auto ready = initialise_library(); !ready) {
        return ready.error();
    }
    std::unique_ptr<MqttClient> out(new MqttClient(options, stop));
    if (const auto done = out->set_up(client_id); !done) {
        return done.error();
    }
    return out;
}

MqttClient::MqttClient(const ConnectionOptions& options, const StopSignal& stop)
    : options_(options), stop_(stop), broker_(options.host + ":" + std::to_string(options.port)) {}

Checked<Done> MqttClient::set_up(const std::string& client_id) {
    handle_ = mosquitto_new(client_id.c_str(), !options_.keep_session, this);
    if (handle_ == nullptr) {
        return system_fault("cannot make an MQTT client");
    }
    const int version = options_.version == MqttVersion::v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
    int result = mosquitto_int_option(handle_, MOSQ_OPT_PROTOCOL_VERSION, version);
    if (auto done = check(result, "the protocol version"); !done) {
        return done;
    }
    result = mosquitto_int_option(handle_, MOSQ_OPT_TCP_NODELAY, 1);
    if (auto done = check(result, "TCP_NODELAY"); !done) {
        return done;
    }
    set_callbacks();
    return use_tls();
}

void MqttClient::set_callbacks() {
    mosquitto_connect_v5_callback_set(handle_, &Callbacks::on_connect);
    mosquitto_disconnect_v5_callback_set(handle_, &Callbacks::on_disconnect);
    mosquitto_publish_v5_callback_set(handle_, &Callbacks::on_publish);
    mosquitto_message_v5_callback_set(handle_, &Callbacks::on_message);
    mosquitto_subscribe_v5_callback_set(handle_, &Callbacks::on_subscribe);
    mosquitto_log_callback_set(handle_, &Callbacks::on_log);
}

MqttClient::~MqttClient() {
    mosquitto_destroy(handle_);
}

Checked<Done> MqttClient::use_tls() {
    if (options_.cafile.empty()) {
        return Done{};
    }
    return check(mosquitto_tls_set(handle_, options_.cafile.c_str(), nullptr, path_or_null(options_.cert),
                                   path_or_null(options_.key), nullptr),
                 "TLS");
}

std::string MqttClient::describe(int result) const {
    const std::string meaning = result == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(result);
    return last_error_.empty() ? meaning : meaning + " (" + last_error_ + ")";
}

Checked<Done> MqttClient::check(int result, const std::string& what) const {
    if (result != MOSQ_ERR_SUCCESS) {
        return Fault{what, describe(result)};
    }
    return Done{};
}

void MqttClient::lose(const std::string& why) {
    if (connected_) {
        why_lost_ = why;
    }
    connected_ = false;
}

Checked<Done> MqttClient::set_will(const std::string& topic, std::span<const std::uint8_t> payload, int qos,
                                   bool retain) {
    const int size = static_cast<int>(payload.size());
    if (options_.version == MqttVersion::v311) {
        return check(mosquitto_will_set(handle_, topic.c_str(), size, payload.data(), qos, retain), "the will");
    }
    Properties properties;
    properties.add_content_type();
    auto* list = const_cast<mosquitto_property*>(properties.get());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    auto done =
        check(mosquitto_will_set_v5(handle_, topic.c_str(), size, payload.data(), qos, retain, list), "the will");
    if (done) {
        properties.release();  // the library's, now that the call succeeded
    }
    return done;
}

// What both ways to connect start with.
Checked<Done> MqttClient::prepare(const std::optional<Login>& login) {
    connack_.reset();
    granted_.reset();
    last_error_.clear();
    why_lost_.clear();
    if (!login) {
        return Done{};
    }
    const int result = mosquitto_username_pw_set(handle_, login->user_name.c_str(), login->password.c_str());
    auto done = check(result, "the login");
    return done && login->psk ? check(login->psk->use_for(handle_), "TLS-PSK") : done;
}

int MqttClient::open() {
    Properties properties;
    if (options_.keep_session && options_.version == MqttVersion::v5) {
        properties.add_session_expiry(session_never_expires);
    }
    return mosquitto_connect_bind_v5(handle_, options_.host.c_str(), options_.port, options_.keepalive, nullptr,
                                     properties.get());
}

Checked<Done> MqttClient::connect(const std::optional<Login>& login) {
    if (auto prepared = prepare(login); !prepared) {
        return prepared;
    }
    const int result = open();
    if (stop_.requested()) {
        return Fault{.problem = "stopped while connecting to " + broker_};
    }
    if (auto opened = check(result, "cannot connect to " + broker_); !opened) {
        return opened;
    }
    connected_ = true;
    return wait_for_connack();
}

// libmosquitto takes no properties in its non-blocking connect.
Checked<Done> MqttClient::begin_connect(const std::optional<Login>& login) {
    if (auto prepared = prepare(login); !prepared) {
        return prepared;
    }
    const bool with_properties = options_.keep_session && options_.version == MqttVersion::v5;
    const int result = with_properties
                           ? open()
                           : mosquitto_connect_async(handle_, options_.host.c_str(), options_.port, options_.keepalive);
    if (auto begun = check(result, "cannot connect to " + broker_); !begun) {
        return begun;
    }
    connected_ = true;
    first_ready_ = true;
    return Done{};
}

bool MqttClient::refused_for_good() const {
    return connack_ && is_final(*connack_);
}

std::optional<MqttAnswer> MqttClient::answer() const {
    if (!connack_) {
        return std::nullopt;
    }
    return MqttAnswer{*connack_ == 0, refused_for_good(), broker_ + " refused the connection: " + connack_text_};
}

std::optional<MqttAnswer> MqttClient::grant() const {
    if (!granted_ || granted_->reasons.empty()) {
        return std::nullopt;
    }
    const int reason = granted_->reasons.front();
    return MqttAnswer{reason < first_failure, true,
                      broker_ + " refused the subscription: " + mosquitto_reason_string(reason)};
}

int MqttClient::socket() const {
    return mosquitto_socket(handle_);
}

// Until the connection is established there is something to write, which libmosquitto does not report with TLS.
bool MqttClient::wants_write() const {
    return first_ready_ || mosquitto_want_write(handle_);
}

// Reading also drives the TLS handshake. It must be repeated until the socket is empty, or bytes may stay in OpenSSL's
// buffer.
void MqttClient::serve() {
    first_ready_ = false;
    int result = MOSQ_ERR_SUCCESS;
    for (int i = 0; i < reads_at_once && result == MOSQ_ERR_SUCCESS; ++i) {
        errno = 0;
        result = mosquitto_loop_read(handle_, 1);
        if (errno == EAGAIN || socket() < 0) {
            break;
        }
    }
    if (result == MOSQ_ERR_SUCCESS && socket() >= 0 && mosquitto_want_write(handle_)) {
        result = mosquitto_loop_write(handle_, 1);
    }
    if (result != MOSQ_ERR_SUCCESS) {
        lose(describe(result));
    }
}

void MqttClient::keep_alive() {
    if (const int result = mosquitto_loop_misc(handle_); result != MOSQ_ERR_SUCCESS) {
        lose(describe(result));
    }
}

void MqttClient::break_connection() const {
    if (socket() >= 0) {
        ::shutdown(socket(), SHUT_RDWR);
    }
}

void MqttClient::wait_until(const std::function<bool()>& answered) {
    const auto limit = Clock::now() + answer_limit;
    while (!answered() && connected_ && !stop_.requested() && Clock::now() < limit) {
        work(step);
    }
}

Checked<Done> MqttClient::wait_for_connack() {
    wait_until([this] { return connack_.has_value(); });
    if (connack_ && *connack_ == 0) {
        return Done{};
    }
    connected_ = false;
    if (connack_) {
        return Fault{broker_ + " refused the connection", connack_text_};
    }
    return no_connack();
}

Fault MqttClient::no_connack() const {
    const std::string detail = last_error_.empty() ? "" : " (" + last_error_ + ")";
    if (stop_.requested()) {
        return {broker_, "stopped before the broker answered" + detail};
    }
    if (why_lost_.empty()) {
        return {broker_, "no answer from the broker within 20 s" + detail};
    }
    return {broker_, "connection lost before the broker answered: " + why_lost_ + detail};
}

Checked<Done> MqttClient::begin_subscribe(const std::vector<std::string>& filters, int qos) {
    granted_.reset();
    std::vector<char*> names;
    names.reserve(filters.size());
    for (const std::string& filter : filters) {
        names.push_back(const_cast<char*>(filter.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
    }
    int id = 0;
    return check(
        mosquitto_subscribe_multiple(handle_, &id, static_cast<int>(names.size()), names.data(), qos, 0, nullptr),
        "cannot subscribe");
}

Checked<Done> MqttClient::subscribe(const std::vector<std::string>& filters, int qos) {
    if (auto begun = begin_subscribe(filters, qos); !begun) {
        return begun;
    }
    wait_until([this] { return granted_.has_value(); });
    if (!granted_ || granted_->reasons.size() != filters.size()) {
        return Fault{.problem =
                         broker_ + " did not answer the subscription" + (why_lost_.empty() ? "" : ": " + why_lost_)};
    }
    std::string refused;
    for (std::size_t i = 0; i < filters.size(); ++i) {
        if (const int reason = granted_->reasons[i]; reason >= first_failure) {
            refused += (refused.empty() ? "" : ", ") + ("'" + filters[i] + "': ") + mosquitto_reason_string(reason);
        }
    }
    if (!refused.empty()) {
        return Fault{.problem = broker_ + " refused the subscription to " + refused};
    }
    return Done{};
}

Checked<int> MqttClient::publish(const std::string& topic, std::span<const std::uint8_t> payload, int qos,
                                 bool retain) {
    Properties properties;
    if (options_.version == MqttVersion::v5) {
        properties.add_content_type();
    }
    int id = 0;
    const int result = mosquitto_publish_v5(handle_, &id, topic.c_str(), static_cast<int>(payload.size()),
                                            payload.data(), qos, retain, properties.get());
    // Without a connection, or if it breaks right now, the library keeps a message of QoS 1 or 2 and sends it after the
    // next connect.
    const bool broken = result == MOSQ_ERR_NO_CONN || result == MOSQ_ERR_CONN_LOST || result == MOSQ_ERR_ERRNO;
    if (qos > 0 && broken) {
        return id;
    }
    const auto published = check(result, "cannot publish to '" + topic + "'");
    return published ? Checked<int>(id) : published.error();
}

bool MqttClient::work(milliseconds longest, int other) {
    const int socket = mosquitto_socket(handle_);
    const auto wanted = static_cast<short>(mosquitto_want_write(handle_) ? POLLIN | POLLOUT : POLLIN);
    std::array<pollfd, 3> watched = {{{socket, wanted, 0}, {stop_.descriptor(), POLLIN, 0}, {other, POLLIN, 0}}};
    const int longest_ms = events_.empty() ? static_cast<int>(longest.count()) : 0;
    if (poll(watched.data(), watched.size(), longest_ms) < 0) {
        return false;
    }
    if (const int result = mosquitto_loop(handle_, 0, 1); result != MOSQ_ERR_SUCCESS) {
        lose(describe(result));
    }
    return watched[2].revents != 0;
}

std::optional<MqttEvent> MqttClient::next_event() {
    if (events_.empty()) {
        return std::nullopt;
    }
    std::optional<MqttEvent> event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void MqttClient::begin_disconnect() {
    mosquitto_disconnect_v5(handle_, MQTT_RC_NORMAL_DISCONNECTION, nullptr);
}

void MqttClient::disconnect() {
    const auto limit = Clock::now() + farewell_limit;
    begin_disconnect();
    while (mosquitto_socket(handle_) >= 0 && Clock::now() < limit) {
        mosquitto_loop(handle_, static_cast<int>(step.count()), 1);
    }
    connected_ = false;
}

}  // namespace reseal::tools
