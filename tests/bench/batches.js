// SPDX-License-Identifier: Apache-2.0
// Reseal with and without Intel's multi-buffer library: what sealing together comes to in the whole broker.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { machine, readRounds, byVersion } = require('./results');
const { machineLine, shown } = require('./tables');
const { median, spread } = require('./statistics');

const [together, oneByOne] = ['d', 'o'];

const cpuOf = (one) => one.broker.cpu_seconds_per_million_deliveries;

// The cell's turns with the library, and those without it.
function cellOf(own, other) {
    const [cpu, before] = [own, other].map((turns) => turns.map(cpuOf));
    const all = [...own, ...other];
    const { payload_bytes: bytes, qos, subscribers } = own[0].settings;
    return { fan_out: subscribers, payload_bytes: bytes, qos,
        cpu_us: median(cpu), cpu_us_one_by_one: median(before),
        ratio: spread(before.map((value, index) => value / cpu[index])),
        missing: all.reduce((sum, one) => sum + one.missing, 0) };
}

function readFanOut(folder) {
    const [own, other] = [together, oneByOne].map((letter) => readRounds(folder, letter).flat());
    const payloads = new Set(own.map((one) => one.settings.payload_bytes));
    const ofPayload = (turns, payload) => turns.filter((one) => one.settings.payload_bytes === payload);
    return [...payloads].map((payload) => cellOf(ofPayload(own, payload), ofPayload(other, payload)));
}

function readBatches(folder, openssl) {
    const runs = path.join(folder, 'runs');
    const versions = fs.readdirSync(runs).sort(byVersion).map((mosquitto) => ({ mosquitto,
        cells: fs.readdirSync(path.join(runs, mosquitto)).map(Number).sort((x, y) => x - y)
            .flatMap((fanOut) => readFanOut(path.join(runs, mosquitto, String(fanOut)))) }));
    return { format: 'reseal-bench-batches/1', date: new Date().toISOString(), clients: openssl, machine: machine(),
        versions };
}

const lossLines = ({ versions }) => versions.flatMap(({ mosquitto, cells }) => cells.filter((cell) => cell.missing > 0)
    .map((cell) => `LOST: ${cell.missing} deliveries of Mosquitto ${mosquitto}, fan-out ${cell.fan_out}, ` +
        `${cell.payload_bytes} bytes`));

const ratioText = ({ ratio }) => (ratio ? `${shown(ratio, 2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '-');
const rowOf = (cell) => [String(cell.fan_out), String(cell.payload_bytes), cell.cpu_us_one_by_one.toFixed(2),
    cell.cpu_us.toFixed(2), ratioText(cell)];
const head = ['fan-out', 'bytes', 'one by one, us', 'together, us', 'times as fast'];

function batchesLines(batches) {
    return [`\n${machineLine(batches)}`, 'CPU time of the broker per delivery at QoS 0, Reseal on an open listener.',
        ...batches.versions.flatMap(({ mosquitto, cells }) => [`\nMosquitto ${mosquitto}\n`,
            ...[head, ...cells.map(rowOf)].map((row) => row.map((text) => text.padStart(18)).join(' '))]),
        ...lossLines(batches)];
}

function batchesSection(batches) {
    const rows = batches.versions.flatMap(({ mosquitto, cells }) => cells.map((cell) => [mosquitto, ...rowOf(cell)]));
    const table = [['Mosquitto', ...head.map((text) => text.replace('us', 'µs'))], ['---:', ...head.map(() => '---:')], ...rows];
    return [`${machineLine(batches)}.`, '', ...table.map((row) => `| ${row.join(' | ')} |`),
        ...lossLines(batches).flatMap((line) => ['', `**${line}**`])];
}

module.exports = { readFanOut, readBatches, batchesLines, batchesSection, lossLines };
