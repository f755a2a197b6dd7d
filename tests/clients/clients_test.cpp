// SPDX-License-Identifier: Apache-2.0
// Third-party clients, one of them the library for JavaScript on mqtt.js, publish what the SDK sealed and open what is
// delivered to them, over mutual TLS.
//
// Each client is a program of the command line
//     CLIENT pub|sub VERSION PORT CA CERT KEY CREDENTIALS CLIENT_ID TOPIC
// where VERSION is 311 or 5. `pub` publishes "CLIENT_ID at QoS Q" under TOPIC at QoS 0, 1 and 2; `sub` subscribes to
// TOPIC at QoS 2, opens three messages and prints a line "QOS TEXT" for each. Exit status 0: all of that succeeded.
#include <algorithm>

#include "harness/ward.h"

namespace harness {
namespace {

struct Program {
    std::string principal;
    std::vector<std::string> command;
    std::string algorithm;
};

const std::vector<Program>& programs() {
    static const std::vector<Program> all = {
        {"paho-c", {RESEAL_PAHO_C_CLIENT}, "AES-CCM-16-128-128"},
        {"paho-cpp", {RESEAL_PAHO_CPP_CLIENT}, "ChaCha20/Poly1305"},
        {"mqttjs", {"env", "RESEAL_JS=" RESEAL_JS, "node", RESEAL_CLIENTS_FOLDER "/mqttjs_client.mjs"}, "A128GCM"},
        {"mosquitto",
         {"env", "RESEAL_TOOLS=" RESEAL_TOOLS_FOLDER, RESEAL_CLIENTS_FOLDER "/mosquitto_client.sh"},
         "AES-CCM-16-128-256"},
    };
    return all;
}

// A client in a test: which program, with which MQTT version.
struct Speaker {
    std::size_t program;
    std::string version;
};

void PrintTo(const Speaker& speaker, std::ostream* out) {
    *out << programs()[speaker.program].principal << " with MQTT " << speaker.version;
}

class Clients : public testing::TestWithParam<Speaker> {
  protected:
    Clients() {
        site.write_acl("version: 1\nroles:\n  talker:\n    publish: [\"round/{id}\"]\n    subscribe: [\"round/#\"]\n");
        for (const Program& program : programs()) {
            site.add(program.principal, "talker", {"--algorithm", program.algorithm});
            site.provision({"export", program.principal, "--format", "json", "--output", credentials(program)});
        }
    }

    static const Program& program() { return programs()[GetParam().program]; }
    static const std::string& version() { return GetParam().version; }

    [[nodiscard]] std::string credentials(const Program& program) const {
        return site.path(program.principal + ".json");
    }

    // The certificate is that of the program's principal on this site, unless given.
    struct Papers {
        std::string ca, certificate, key;
    };
    [[nodiscard]] Papers papers(const std::string& principal) const {
        return {site.ca(), site.certificate(principal), site.key(principal)};
    }

    [[nodiscard]] std::vector<std::string> command(const Program& program, const std::string& mode,
                                                   const std::string& version, const Broker& broker,
                                                   const Papers& papers, const std::string& topic) const {
        std::vector<std::string> out = program.command;
        out.insert(out.end(), {mode, version, std::to_string(broker.port()), papers.ca, papers.certificate, papers.key,
                               credentials(program), client_id(program, mode, version), topic});
        return out;
    }

    static std::string client_id(const Program& program, const std::string& mode, const std::string& version) {
        return program.principal + "/" + mode + version;
    }

    [[nodiscard]] Ran publish(const Broker& broker, const Papers& papers) const {
        return run(command(program(), "pub", version(), broker, papers, "round/" + program().principal));
    }

    Site site;
};

// A program that has subscribed, and its output.
struct Listener {
    Process process;
    std::string output;
};

class Round : public Clients {
  protected:
    Listener listen(const Broker& broker, const Program& listening, const std::string& with) {
        const std::string id = client_id(listening, "sub", with);
        Listener out;
        out.output = site.path(listening.principal + "-" + with + ".out");
        out.process =
            Process(command(listening, "sub", with, broker, papers(listening.principal), "round/+"), out.output);
        EXPECT_TRUE(broker.logs(id + " 2 round/+")) << read_all(out.output);
        return out;
    }
};

TEST_P(Round, EveryClientOpensWhatThisOnePublishes) {
    Broker broker(site);
    std::vector<Listener> listeners;
    for (const Program& listening : programs()) {
        for (const auto* with : {"311", "5"}) {
            listeners.push_back(listen(broker, listening, with));
        }
    }
    const Ran published = publish(broker, papers(program().principal));
    ASSERT_EQ(published.status, 0) << published.output << broker.log();
    const std::string text = client_id(program(), "pub", version()) + " at QoS ";
    for (Listener& listener : listeners) {
        EXPECT_EQ(listener.process.wait(Milliseconds(40000)), 0) << listener.output;
        EXPECT_EQ(read_all(listener.output), "0 " + text + "0\n1 " + text + "1\n2 " + text + "2\n") << listener.output;
    }
}

class Stranger : public Clients {};

TEST_P(Stranger, WithACertificateFromAnotherAuthorityIsRefused) {
    Site elsewhere;
    const std::string& principal = program().principal;
    elsewhere.add(principal, "talker");
    Broker broker(site);
    const Ran ran = publish(broker, {site.ca(), elsewhere.certificate(principal), elsewhere.key(principal)});
    EXPECT_NE(ran.status, 0) << ran.output;
    EXPECT_TRUE(broker.logs("certificate verify failed")) << broker.log();
    EXPECT_EQ(broker.log().find("Received PUBLISH"), std::string::npos);
}

TEST_P(Stranger, WithTheCertificateOfAnotherPrincipalIsRefused) {
    site.add("other", "talker");
    Broker broker(site);
    const Ran ran = publish(broker, papers("other"));
    EXPECT_NE(ran.status, 0) << ran.output;
    EXPECT_TRUE(broker.logs("refused connect: reason=client_id_not_tied principal=\"other\"")) << broker.log();
    EXPECT_EQ(broker.log().find("Received PUBLISH"), std::string::npos);
}

TEST_P(Stranger, PosingAsTheBrokerIsNotTrusted) {
    Site elsewhere;
    Broker broker(site);
    Papers of_elsewhere = papers(program().principal);
    of_elsewhere.ca = elsewhere.ca();
    const Ran ran = publish(broker, of_elsewhere);
    EXPECT_NE(ran.status, 0) << ran.output;
    EXPECT_EQ(broker.log().find("Received CONNECT"), std::string::npos) << broker.log();
}

std::string name(const testing::TestParamInfo<Speaker>& speaker) {
    std::string out = programs()[speaker.param.program].principal + "_" + speaker.param.version;
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

const auto speakers = testing::Values(Speaker{0, "311"}, Speaker{0, "5"}, Speaker{1, "311"}, Speaker{1, "5"},
                                      Speaker{2, "311"}, Speaker{2, "5"}, Speaker{3, "311"}, Speaker{3, "5"});
INSTANTIATE_TEST_SUITE_P(Published, Round, speakers, name);
INSTANTIATE_TEST_SUITE_P(Refused, Stranger, speakers, name);

}  // namespace
}  // namespace harness
