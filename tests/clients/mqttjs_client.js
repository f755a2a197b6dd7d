// SPDX-License-Identifier: Apache-2.0
// A client on mqtt.js. The command line is described in clients_test.cpp; RESEAL_CODEC names reseal-codec.
'use strict';

const fs = require('node:fs');
const mqtt = require('mqtt');
const { Codec } = require('../../device-sdk/node/reseal');

const [mode, version, port, ca, cert, key, credentials, clientId, topic] = process.argv.slice(2);
const expected = 3;

async function connect() {
    return mqtt.connectAsync(`mqtts://127.0.0.1:${port}`, {
        protocolVersion: version === '5' ? 5 : 4,
        clientId,
        ca: fs.readFileSync(ca),
        cert: fs.readFileSync(cert),
        key: fs.readFileSync(key),
        reconnectPeriod: 0,
        connectTimeout: 30000,
    }, false);
}

async function publish(client, codec) {
    for (const qos of [0, 1, 2]) {
        const message = await codec.seal(topic, `${clientId} at QoS ${qos}`);
        await client.publishAsync(topic, message, { qos });
    }
}

async function subscribe(client, codec) {
    const received = [];
    const all = new Promise((resolve, reject) => {
        client.on('close', () => reject(new Error('the connection was closed')));
        client.on('message', (name, message, packet) => {
            received.push(codec.open(name, message).then((payload) => `${packet.qos} ${payload}`));
            if (received.length === expected) {
                resolve();
            }
        });
    });
    await client.subscribeAsync(topic, { qos: 2 });
    await all;
    for (const line of await Promise.all(received)) {
        console.log(line);
    }
}

async function main() {
    const codec = new Codec(process.env.RESEAL_CODEC, ['--credentials', credentials]);
    try {
        const client = await connect();
        await (mode === 'pub' ? publish : subscribe)(client, codec);
        await client.endAsync();
    } finally {
        codec.close();
    }
}

main().catch((error) => {
    console.error(`mqttjs_client: ${error.message}`);
    process.exitCode = 1;
});
