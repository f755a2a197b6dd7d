// SPDX-License-Identifier: Apache-2.0
// A client on the library for JavaScript, whose built package RESEAL_JS names. The command line is described in
// clients_test.cpp. A third mode, `watch`, logs in with a proof of the key, prints a line for each message and event,
// and comes back when the connection is lost.
import { readFileSync } from 'node:fs';

const { connect, Credentials } = await import(`${process.env.RESEAL_JS}/dist/index.js`);
const { FileEpochs } = await import(`${process.env.RESEAL_JS}/dist/node.js`);

const [mode, version, port, ca, cert, key, file, clientId, topic] = process.argv.slice(2);
const expected = 3;
const text = (payload) => new TextDecoder().decode(payload);

async function publish(client) {
    for (const qos of [0, 1, 2]) {
        await client.publish(topic, `${clientId} at QoS ${qos}`, qos);
    }
}

async function subscribe(client) {
    await client.subscribe(topic, 2);
    let count = 0;
    for await (const { qos, payload } of client) {
        console.log(`${qos} ${text(payload)}`);
        if (++count === expected) return;
    }
}

async function watch(client) {
    for (const event of ['connected', 'lost', 'missed', 'refused', 'failed']) {
        client.addEventListener(event, ({ detail }) => console.log(detail === undefined ? event : `${event} ${detail}`));
    }
    await client.subscribe(topic, 1);
    console.log('subscribed');
    for await (const { payload } of client) console.log(`message ${text(payload)}`);
}

const client = await connect(`mqtts://127.0.0.1:${port}`, await Credentials.read(readFileSync(file, 'utf8')), {
    epochs: new FileEpochs(file),
    ...(mode === 'watch' ? { listener: 'tls', reconnectAfter: 200 } : { reconnectAfter: 0 }),
    mqtt: {
        protocolVersion: version === '5' ? 5 : 4,
        clientId,
        ca: readFileSync(ca),
        cert: readFileSync(cert),
        key: readFileSync(key),
        connectTimeout: 30000,
    },
}).catch((error) => {
    console.error(`mqttjs_client: ${error.name}: ${error.message}`);
    process.exit(1);
});
await { pub: publish, sub: subscribe, watch }[mode](client);
await client.close();
