// SPDX-License-Identifier: Apache-2.0
// A client on Paho's C++ library. The command line is described in clients_test.cpp.
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <mqtt/async_client.h>

#include "tools/credentials.h"
#include "tools/receiver.h"
#include "tools/sender.h"

namespace {

constexpr int expected = 3;
constexpr std::chrono::seconds limit(30);

struct Arguments {
    std::string mode, version, port, ca, cert, key, credentials, id, topic;
};

int protocol(const Arguments& arguments) {
    return arguments.version == "5" ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

mqtt::connect_options connect_options(const Arguments& arguments) {
    mqtt::ssl_options tls;
    tls.set_trust_store(arguments.ca);
    tls.set_key_store(arguments.cert);
    tls.set_private_key(arguments.key);
    tls.set_verify(true);
    mqtt::connect_options options;
    options.set_mqtt_version(protocol(arguments));
    if (arguments.version == "5") {
        options.set_clean_start(true);
    } else {
        options.set_clean_session(true);
    }
    options.set_ssl(tls);
    return options;
}

template <class Value>
Value value_of(reseal::tools::Checked<Value> checked) {
    if (!checked) {
        throw std::runtime_error(checked.error().text());
    }
    return std::move(*checked);
}

void publish(mqtt::async_client& client, const Arguments& arguments) {
    const auto credentials = value_of(reseal::tools::Credentials::read(arguments.credentials));
    const auto sender = value_of(reseal::tools::Sender::make(credentials, arguments.credentials + ".epoch"));
    for (int qos = 0; qos <= 2; ++qos) {
        const auto sealed = value_of(sender->seal(arguments.topic, arguments.id + " at QoS " + std::to_string(qos)));
        client.publish(arguments.topic, sealed.data(), sealed.size(), qos, false)->wait();
    }
}

void show(const mqtt::message& message, reseal::tools::Receiver& receiver) {
    const std::string& payload = message.get_payload();
    const auto opened = receiver.open(message.get_topic(), std::vector<std::uint8_t>(payload.begin(), payload.end()));
    if (!opened) {
        throw std::runtime_error(opened.why_refused());
    }
    std::cout << message.get_qos() << ' ' << opened.payload() << std::endl;
}

void subscribe(mqtt::async_client& client, const Arguments& arguments) {
    const auto credentials = value_of(reseal::tools::Credentials::read(arguments.credentials));
    const auto receiver = value_of(reseal::tools::Receiver::make(credentials, ""));
    client.subscribe(arguments.topic, 2)->wait();
    for (int i = 0; i < expected; ++i) {
        mqtt::const_message_ptr message;
        if (!client.try_consume_message_for(&message, limit) || !message) {
            throw std::runtime_error("no message came");
        }
        show(*message, *receiver);
    }
}

void run(const Arguments& arguments) {
    mqtt::async_client client("ssl://127.0.0.1:" + arguments.port, arguments.id,
                              mqtt::create_options(protocol(arguments)));
    client.start_consuming();
    client.connect(connect_options(arguments))->wait();
    if (arguments.mode == "pub") {
        publish(client, arguments);
    } else {
        subscribe(client, arguments);
    }
    client.disconnect()->wait();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 10) {
        return 2;
    }
    try {
        run({argv[1], argv[2], argv[3], argv[4], argv[5], argv[6], argv[7], argv[8], argv[9]});
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "paho_cpp_client: " << error.what() << std::endl;
        return 1;
    }
}
