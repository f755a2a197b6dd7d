// SPDX-License-Identifier: Apache-2.0
// Seals and opens in Node.js: runs one reseal-codec, whose --help describes the requests, for as long as the
// application wants. Use one Codec for all connections of a principal, and keep it over reconnects.
//
//   const { Codec } = require('./reseal');
//   const codec = new Codec('reseal-codec', ['--credentials', 'nurse_07.json']);
//   client.publish(topic, await codec.seal(topic, '72'));
//   client.on('message', async (topic, message) => show(await codec.open(topic, message)));
'use strict';

const { spawn } = require('node:child_process');
const readline = require('node:readline');

class Codec {
    #process;
    #waiting = []; // who asked, in the order of the requests

    constructor(program, options) {
        this.#process = spawn(program, options, { stdio: ['pipe', 'pipe', 'inherit'] });
        this.#process.on('error', (error) => this.#fail(error));
        this.#process.on('exit', () => this.#fail(new Error(`${program} has ended`)));
        this.#process.stdin.on('error', (error) => this.#fail(error));
        readline.createInterface({ input: this.#process.stdout }).on('line', (line) => this.#answer(line));
    }

    // Promises a Buffer: the message to publish under `topic`, and the payload of one that arrived under it. `payload`
    // is a string or a Buffer. Rejected with the reason if the message is refused: there is nothing to show of it.
    seal(topic, payload) {
        return this.#ask('seal', topic, payload);
    }

    open(topic, message) {
        return this.#ask('open', topic, message);
    }

    // No request may follow.
    close() {
        this.#process.stdin.end();
    }

    #ask(verb, topic, content) {
        const hex = (bytes) => Buffer.from(bytes).toString('hex');
        return new Promise((resolve, reject) => {
            if (!this.#process.stdin.writable) {
                reject(new Error('the codec has ended'));
                return;
            }
            this.#waiting.push({ resolve, reject });
            this.#process.stdin.write(`${verb} ${hex(topic)} ${hex(content)}\n`);
        });
    }

    #answer(line) {
        const { resolve, reject } = this.#waiting.shift();
        if (line.startsWith('ok ')) {
            resolve(Buffer.from(line.slice(3), 'hex'));
        } else {
            reject(new Error(line));
        }
    }

    #fail(error) {
        for (const { reject } of this.#waiting.splice(0)) {
            reject(error);
        }
    }
}

module.exports = { Codec };
