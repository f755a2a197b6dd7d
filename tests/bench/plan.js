// SPDX-License-Identifier: Apache-2.0
// What reseal-bench is to measure with one set of connections: plans as `reseal-bench --plan` takes them.
//
//   node plan.js calibration FAN_OUT PAYLOADS QUALITIES   short runs that show what a broker bears; lists with commas
//   node plan.js round FOLDER BROKER SECONDS TURNS        for each cell that FOLDER/BROKER.0.jsonl shows, a run in closed
//                                                         loop, and one at half of what the slowest of the brokers bore;
//                                                         both as often as there are turns
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const line = (settings) => Object.entries(settings).map(([name, value]) => `--${name} ${value}`).join(' ');

// Fewer messages are under way at a time where each is many deliveries.
const windowOf = (fanOut) => Math.max(4, Math.min(64, Math.floor(6400 / fanOut)));

function calibration(fanOut, payloads, qualities) {
    const deliveries = (payload) => (payload > 4096 ? 8000 : 24000);
    return payloads.flatMap((payload) => qualities.map((qos) => {
        const messages = Math.max(10, Math.min(4000, Math.round(deliveries(payload) / fanOut)));
        return line({ qos, payload, messages, 'warm-up': Math.ceil(messages / 4), window: windowOf(fanOut) });
    }));
}

// The fewest messages a second that any of the brokers' measurements of the same cell show.
function slowest(measurements, cell) {
    const same = (one) => one.settings.payload_bytes === cell.payload_bytes && one.settings.qos === cell.qos;
    return Math.min(...measurements.filter(same).map((one) => one.messages_per_second));
}

// The two lines of one turn of a cell: `own` is its calibration with this broker, `all` those of all brokers.
function linesOf(own, all, seconds) {
    const { qos, payload_bytes: payload, subscribers, window } = own.settings;
    const rate = Math.max(1, slowest(all, own.settings) / 2);
    const count = (perSecond) => Math.max(subscribers < 1000 ? 20 : 8, Math.round(perSecond * seconds));
    const closed = count(own.messages_per_second);
    const open = count(rate);
    return [line({ qos, payload, messages: closed, 'warm-up': Math.ceil(closed / 8), window }),
        line({ qos, payload, messages: open, 'warm-up': Math.ceil(open / 16), rate: rate.toFixed(2) })];
}

function readMeasurements(file) {
    return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((text) => JSON.parse(text));
}

function round(folder, broker, seconds, turns) {
    const all = fs.readdirSync(folder).filter((name) => name.endsWith('.0.jsonl'))
        .flatMap((name) => readMeasurements(path.join(folder, name)));
    return readMeasurements(path.join(folder, `${broker}.0.jsonl`)).flatMap((own) => Array(turns).fill(linesOf(own, all, seconds)).flat());
}

if (require.main === module) {
    const [what, ...rest] = process.argv.slice(2);
    const numbers = (text) => text.split(',').map(Number);
    const lines = what === 'calibration' ? calibration(Number(rest[0]), numbers(rest[1]), numbers(rest[2]))
        : round(rest[0], rest[1], Number(rest[2]), Number(rest[3]));
    console.log(lines.join('\n'));
}

module.exports = { calibration, linesOf, readMeasurements };
