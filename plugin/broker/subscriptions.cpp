// SPDX-License-Identifier: Apache-2.0
#include "broker/subscriptions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/topic.h"

namespace reseal::broker {

namespace {

constexpr std::string_view heading = "reseal-subscriptions 1\n";

// Takes the text before `end`, and `end` with it. Nothing if there is no `end`.
std::optional<std::string_view> take(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view out = text.substr(0, at);
    text.remove_prefix(at + 1);
    return out;
}

// Broker and plugin refuse client ids and filters with control characters, so tab and newline can separate them.
bool take_line(std::string_view& text, Subscriptions& into) {
    const auto client_id = take(text, '\t');
    const auto filter = take(text, '\t');
    const auto qos = take(text, '\n');
    if (!client_id || !filter || !qos || !policy::valid_filter(policy::without_share(*filter)) || qos->size() != 1 ||
        qos->front() < '0' || qos->front() > '2') {
        return false;
    }
    into.add(*client_id, *filter, static_cast<std::uint8_t>(qos->front() - '0'));
    into.left(*client_id, Subscriptions::Session::lasting);
    return true;
}

// Mosquitto walks its tree of filters: at each level literal text, then +, then #. Shared subscriptions come first.
bool asked_before(std::string_view left, std::string_view right) {
    std::string_view a = policy::without_share(left);
    std::string_view b = policy::without_share(right);
    if (a == b) {
        return left.size() == right.size() ? left < right : left.size() > right.size();
    }
    while (true) {
        const std::string_view of_a = a.substr(0, a.find('/'));
        const std::string_view of_b = b.substr(0, b.find('/'));
        if (of_a != of_b) {
            const auto rank = [](std::string_view level) { return level == "#" ? 2 : level == "+" ? 1 : 0; };
            return rank(of_a) < rank(of_b);
        }
        if (a.size() == of_a.size() || b.size() == of_b.size()) {
            return a.size() < b.size();
        }
        a.remove_prefix(of_a.size() + 1);
        b.remove_prefix(of_b.size() + 1);
    }
}

}  // namespace

void Subscriptions::add(std::string_view client_id, std::string_view filter, std::uint8_t qos) {
    clients_[std::string(client_id)].filters.insert_or_assign(std::string(filter), qos);
}

void Subscriptions::remove(std::string_view client_id, std::string_view filter) {
    const auto client = clients_.find(client_id);
    if (client == clients_.end()) {
        return;
    }
    auto& filters = client->second.filters;
    if (const auto known = filters.find(filter); known != filters.end()) {
        filters.erase(known);
    }
    if (filters.empty()) {
        forget(client_id);
    }
}

void Subscriptions::forget(std::string_view client_id) {
    returned(client_id);
    clients_.erase(std::string(client_id));
}

void Subscriptions::left(std::string_view client_id, Session session) {
    const auto client = clients_.find(client_id);
    if (client == clients_.end()) {
        return;
    }
    returned(client_id);
    client->second.left = ++leavings_;
    client->second.session = session;
    Gone& others = gone(session);
    others.emplace(leavings_, client_id);
    if (others.size() > (session == Session::lasting ? most_.lasting : most_.doubtful)) {
        const std::string oldest = others.begin()->second;
        forget(oldest);
    }
}

void Subscriptions::returned(std::string_view client_id) {
    const auto client = clients_.find(client_id);
    if (client != clients_.end() && client->second.left != 0) {
        gone(client->second.session).erase(client->second.left);
        client->second.left = 0;
    }
}

template <class Take>
void Subscriptions::for_each_match(std::string_view client_id, std::string_view topic, Take take) const {
    const auto client = clients_.find(client_id);
    if (client == clients_.end()) {
        return;
    }
    for (const Filter& each : client->second.filters) {
        if (policy::matches(policy::without_share(each.first), topic)) {
            take(each);
        }
    }
}

std::optional<std::uint8_t> Subscriptions::qos(std::string_view client_id, std::string_view topic) const {
    const Filter* first = nullptr;
    for_each_match(client_id, topic, [&](const Filter& each) {
        first = first == nullptr || asked_before(each.first, first->first) ? &each : first;
    });
    return first == nullptr ? std::nullopt : std::optional(first->second);
}

std::vector<std::uint8_t> Subscriptions::all_qos(std::string_view client_id, std::string_view topic) const {
    std::vector<const Filter*> found;
    for_each_match(client_id, topic, [&](const Filter& each) { found.push_back(&each); });
    std::ranges::sort(found, [](const Filter* a, const Filter* b) { return asked_before(a->first, b->first); });
    std::vector<std::uint8_t> out;
    std::ranges::transform(found, std::back_inserter(out), [](const Filter* each) { return each->second; });
    return out;
}

std::uint8_t Subscriptions::lowest_qos(std::string_view client_id) const {
    std::uint8_t out = 2;
    if (const auto client = clients_.find(client_id); client != clients_.end()) {
        for (const auto& [filter, granted] : client->second.filters) {
            out = std::min(out, granted);
        }
    }
    return out;
}

std::size_t Subscriptions::besides(std::string_view client_id, std::string_view filter) const {
    const auto client = clients_.find(client_id);
    return client == clients_.end() ? 0 : client->second.filters.size() - client->second.filters.count(filter);
}

std::string Subscriptions::line(std::string_view client_id, std::string_view filter, std::uint8_t qos) {
    std::string out(client_id);
    out.append(1, '\t').append(filter).append(1, '\t');
    return out.append(1, static_cast<char>('0' + qos)).append(1, '\n');
}

std::string Subscriptions::write() const {
    std::string out(heading);
    for (const auto& [client_id, held] : clients_) {
        for (const auto& [filter, qos] : held.filters) {
            out += line(client_id, filter, qos);
        }
    }
    return out;
}

bool Subscriptions::read(std::string_view text) {
    if (!text.starts_with(heading)) {
        return false;
    }
    text = text.substr(heading.size(), text.rfind('\n') + 1 - heading.size());
    Subscriptions fresh(most_);
    while (!text.empty()) {
        if (!take_line(text, fresh)) {
            return false;
        }
    }
    *this = std::move(fresh);
    return true;
}

}  // namespace reseal::broker
