/* SPDX-License-Identifier: Apache-2.0 */
/* A client on Paho's C library. The command line is described in clients_test.cpp. */
#include <reseal/posix.h>

#include <MQTTClient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPECTED = 3, LIMIT_MS = 30000, MESSAGE_MAX = 512 };

struct arguments {
    const char *mode, *version, *port, *ca, *cert, *key, *credentials, *id, *topic;
};

static bool fail(const char* what, int code) {
    (void)fprintf(stderr, "paho_c_client: %s: %d\n", what, code);
    return false;
}

static bool is_v5(const struct arguments* arguments) {
    return strcmp(arguments->version, "5") == 0;
}

static struct reseal_bytes bytes_of(const char* text) {
    return (struct reseal_bytes){(const uint8_t*)text, strlen(text)};
}

/* The value of "name": in the flat file that scripts/provision exports. */
static const char* member(const char* json, const char* name) {
    const char* at = strstr(json, name);
    return at == NULL ? "" : at + strlen(name);
}

static void from_hex(const char* text, uint8_t* out, size_t size) {
    for (size_t i = 0; i < size && text[2 * i] != 0; ++i) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static bool read_credentials(const char* path, struct reseal_credentials* out) {
    char json[1024] = {0};
    FILE* file = fopen(path, "r");
    if (file == NULL) {
        return fail(path, -1);
    }
    const size_t size = fread(json, 1, sizeof json - 1, file);
    (void)fclose(file);
    memset(out, 0, sizeof *out);
    (void)sscanf(member(json, "\"principal\":\""), "%64[^\"]", out->principal);
    (void)sscanf(member(json, "\"realm\":\""), "%64[^\"]", out->realm);
    out->algorithm = (uint8_t)strtoul(member(json, "\"algorithm\":"), NULL, 10);
    from_hex(member(json, "\"key_id\":\""), out->key_id, sizeof out->key_id);
    from_hex(member(json, "\"master_secret\":\""), out->master, sizeof out->master);
    reseal_wipe(json, size);
    return true;
}

static bool connect_to(MQTTClient client, const struct arguments* arguments) {
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    tls.struct_version = 2; /* from this version on, `verify` is read */
    tls.trustStore = arguments->ca;
    tls.keyStore = arguments->cert;
    tls.privateKey = arguments->key;
    tls.verify = 1;
    if (is_v5(arguments)) {
        MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
        options.cleanstart = 1;
        options.ssl = &tls;
        MQTTResponse response = MQTTClient_connect5(client, &options, NULL, NULL);
        const int reason = (int)response.reasonCode;
        MQTTResponse_free(response);
        return reason == MQTTCLIENT_SUCCESS || fail("connect", reason);
    }
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.ssl = &tls;
    const int code = MQTTClient_connect(client, &options);
    return code == MQTTCLIENT_SUCCESS || fail("connect", code);
}

static bool publish_one(MQTTClient client, const struct arguments* arguments, const struct reseal_buffer* sealed,
                        int qos) {
    MQTTClient_deliveryToken token = 0;
    if (is_v5(arguments)) {
        MQTTResponse response =
            MQTTClient_publish5(client, arguments->topic, (int)sealed->size, sealed->data, qos, 0, NULL, &token);
        const int reason = (int)response.reasonCode;
        MQTTResponse_free(response);
        if (reason != MQTTCLIENT_SUCCESS) {
            return fail("publish", reason);
        }
    } else {
        const int code = MQTTClient_publish(client, arguments->topic, (int)sealed->size, sealed->data, qos, 0, &token);
        if (code != MQTTCLIENT_SUCCESS) {
            return fail("publish", code);
        }
    }
    const int code = MQTTClient_waitForCompletion(client, token, LIMIT_MS);
    return code == MQTTCLIENT_SUCCESS || fail("acknowledgement", code);
}

static bool seal_and_publish(MQTTClient client, const struct arguments* arguments, struct reseal_sender* sender) {
    for (int qos = 0; qos <= 2; ++qos) {
        char text[MESSAGE_MAX];
        uint8_t memory[MESSAGE_MAX + RESEAL_OVERHEAD_MAX];
        struct reseal_buffer sealed = {memory, sizeof memory, 0};
        (void)snprintf(text, sizeof text, "%s at QoS %d", arguments->id, qos);
        const enum reseal_status status =
            reseal_sender_seal(sender, bytes_of(arguments->topic), bytes_of(text), &sealed);
        if (status != RESEAL_OK) {
            return fail(reseal_status_text(status), (int)status);
        }
        if (!publish_one(client, arguments, &sealed, qos)) {
            return false;
        }
    }
    return true;
}

static bool publish(MQTTClient client, const struct arguments* arguments,
                    const struct reseal_credentials* credentials) {
    char path[MESSAGE_MAX];
    struct reseal_posix_epochs epochs = {0};
    struct reseal_sender sender = {0};
    (void)snprintf(path, sizeof path, "%s.epoch", arguments->credentials);
    enum reseal_status status = reseal_posix_epochs_open(&epochs, path);
    if (status != RESEAL_OK) {
        return fail(path, (int)status);
    }
    const struct reseal_epoch_store store = reseal_posix_epoch_store(&epochs);
    const struct reseal_random random = reseal_posix_random();
    status = reseal_sender_open(&sender, credentials, RESEAL_UPLINK, reseal_crypto_openssl(), &store, &random);
    const bool done = status == RESEAL_OK ? seal_and_publish(client, arguments, &sender) : fail("sender", (int)status);
    reseal_sender_close(&sender);
    reseal_posix_epochs_close(&epochs);
    return done;
}

static bool subscribe_to(MQTTClient client, const struct arguments* arguments) {
    if (!is_v5(arguments)) {
        const int code = MQTTClient_subscribe(client, arguments->topic, 2);
        return code == MQTTCLIENT_SUCCESS || fail("subscribe", code);
    }
    MQTTResponse response = MQTTClient_subscribe5(client, arguments->topic, 2, NULL, NULL);
    const int reason = (int)response.reasonCode;
    MQTTResponse_free(response);
    return reason == MQTTREASONCODE_GRANTED_QOS_2 || fail("subscribe", reason);
}

static bool open_and_print(struct reseal_receiver* receiver, const char* topic, const MQTTClient_message* message) {
    uint8_t memory[MESSAGE_MAX + RESEAL_OVERHEAD_MAX];
    struct reseal_buffer payload = {memory, sizeof memory, 0};
    const struct reseal_bytes sealed = {message->payload, (size_t)message->payloadlen};
    const enum reseal_status status = reseal_receiver_accept(receiver, bytes_of(topic), sealed, &payload);
    if (status != RESEAL_OK) {
        return fail(reseal_status_text(status), (int)status);
    }
    (void)printf("%d %.*s\n", message->qos, (int)payload.size, (const char*)payload.data);
    return true;
}

static bool receive_one(MQTTClient client, struct reseal_receiver* receiver) {
    char* topic = NULL;
    int topic_size = 0;
    MQTTClient_message* message = NULL;
    const int code = MQTTClient_receive(client, &topic, &topic_size, &message, LIMIT_MS);
    if (message == NULL) {
        return fail("no message came", code);
    }
    const bool opened = open_and_print(receiver, topic, message);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return opened;
}

static bool subscribe(MQTTClient client, const struct arguments* arguments,
                      const struct reseal_credentials* credentials) {
    uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)] = {0};
    struct reseal_receiver receiver = {0};
    const enum reseal_status status = reseal_receiver_open(&receiver, credentials, RESEAL_DOWNLINK,
                                                           reseal_crypto_openssl(), words, RESEAL_WINDOW_DEFAULT, NULL);
    if (status != RESEAL_OK) {
        return fail("receiver", (int)status);
    }
    bool done = subscribe_to(client, arguments);
    for (int i = 0; done && i < EXPECTED; ++i) {
        done = receive_one(client, &receiver);
    }
    reseal_receiver_close(&receiver);
    return done;
}

static bool work(MQTTClient client, const struct arguments* arguments) {
    struct reseal_credentials credentials;
    if (!read_credentials(arguments->credentials, &credentials) || !connect_to(client, arguments)) {
        return false;
    }
    const bool done = strcmp(arguments->mode, "pub") == 0 ? publish(client, arguments, &credentials)
                                                          : subscribe(client, arguments, &credentials);
    reseal_wipe(&credentials, sizeof credentials);
    (void)(is_v5(arguments) ? MQTTClient_disconnect5(client, 1000, MQTTREASONCODE_NORMAL_DISCONNECTION, NULL)
                            : MQTTClient_disconnect(client, 1000));
    return done;
}

int main(int argc, char** argv) {
    if (argc != 10) {
        return 2;
    }
    const struct arguments arguments = {argv[1], argv[2], argv[3], argv[4], argv[5],
                                        argv[6], argv[7], argv[8], argv[9]};
    char uri[64];
    (void)snprintf(uri, sizeof uri, "ssl://127.0.0.1:%s", arguments.port);
    MQTTClient_createOptions creation = MQTTClient_createOptions_initializer;
    creation.MQTTVersion = is_v5(&arguments) ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    MQTTClient client = NULL;
    if (MQTTClient_createWithOptions(&client, uri, arguments.id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &creation) !=
        MQTTCLIENT_SUCCESS) {
        return 1;
    }
    const bool done = work(client, &arguments);
    MQTTClient_destroy(&client);
    return done ? 0 : 1;
}
