// SPDX-License-Identifier: Apache-2.0
// The tables of a run, for a terminal.
'use strict';

const { pairs } = require('./results');
const { tally, most, latencyAtMost } = require('./goals');

const shown = (figure, digits) => (figure ? figure.value.toFixed(digits) : '-');

// How far the middle half of the turns lies apart, in percent of what they come to.
const apart = (figure) =>
    (figure ? `${((figure.high - figure.low) / figure.value * 100).toFixed(0)} %` : '-');

const cellName = (cell) =>
    [String(cell.fan_out).padStart(7), String(cell.payload_bytes).padStart(7), String(cell.qos).padStart(3)];

const machineLine = ({ machine, clients, date }) => `${machine.processors} x ${machine.processor}, ` +
    `${machine.memory_gib} GiB, Linux ${machine.kernel}, clients with ${clients}, ${date.slice(0, 10)}`;

const headOfFigures = 'fan-out payload QoS broker deliveries/s CPU s/million  spread   p50 us   p99 us p99.9 us missing' +
    ' generator';

function figureLine(cell, broker, of) {
    return [...cellName(cell), broker.padStart(6), shown(of.deliveries_per_second, 0).padStart(12),
        shown(of.cpu_seconds_per_million_deliveries, 2).padStart(13),
        apart(of.cpu_seconds_per_million_deliveries).padStart(7),
        ...[of.p50_us, of.p99_us, of.p99_9_us].map((time) => shown(time, 0).padStart(8)),
        String(of.missing).padStart(7),
        `${of.generator_share ? (of.generator_share.value * 100).toFixed(0) : '-'} %`.padStart(9)].join(' ');
}

const figureLines = (cells) => [headOfFigures,
    ...cells.flatMap((cell) => Object.entries(cell.brokers).map(([broker, of]) => figureLine(cell, broker, of)))];

function ratioLines(cells) {
    const mark = (ratio, name, digits = 2) =>
        `${shown(ratio[name], digits)}${ratio.missed.includes(name) ? '*' : ' '}`.padStart(8);
    const head = ['fan-out payload QoS', ...pairs.map((pair) => ` ${pair.join('/')}: CPU   thr.     p99`)].join(' ');
    return [head, ...cells.map((cell) => [...cellName(cell), ...pairs.map((pair) => {
        const ratio = cell.ratios[pair.join('/')];
        return ` ${mark(ratio, 'cpu')} ${shown(ratio.throughput, 2).padStart(6)} ${mark(ratio, 'p99')}`;
    })].join(' '))];
}

function memoryLines(memory) {
    const mib = (figure) => (figure ? (figure.value / 1024).toFixed(1) : '-').padStart(9);
    const names = Object.keys(memory[0].brokers);
    return [['fan-out', ...names.map((name) => name.padStart(19))].join(' '), ...memory.map((one) =>
        [String(one.fan_out).padStart(7), ...names.map((name) =>
            `${mib(one.brokers[name].connected_kib)} ${mib(one.brokers[name].loaded_kib)}`)].join(' '))];
}

function goalLine(version, pair) {
    const { cells, goal, cpu, most: inMost, p99, lowest } = tally(pair.join('/'), version);
    const parts = [`CPU at least ${goal.toFixed(2)} in ${cpu} of ${cells} cells (lowest ${lowest.toFixed(2)})`];
    if (p99 !== null) {
        parts.push(`at least ${most.toFixed(2)} in ${inMost}`, `p99 at most ${latencyAtMost} times in ${p99}`);
    }
    return `${pair.join('/')}: ${parts.join(', ')}`;
}

const goalLines = (version) => pairs.map((pair) => goalLine(version, pair));

// What was lost, a line for each broker and cell; none if nothing was.
function lossLines(version) {
    return version.cells.flatMap((cell) => Object.entries(cell.brokers).filter(([, of]) => of.missing > 0)
        .map(([broker, of]) => `LOST: ${of.missing} deliveries of Mosquitto ${version.mosquitto}, broker ${broker}, ` +
            `fan-out ${cell.fan_out}, ${cell.payload_bytes} bytes, QoS ${cell.qos}`));
}

function versionLines(version) {
    return [`\nMosquitto ${version.mosquitto}\n`, ...figureLines(version.cells), '',
        'd and e are Reseal. CPU (per delivery) and throughput: 1.00 as fast, less is slower; p99: how many times as long.',
        '* misses its goal.\n', ...ratioLines(version.cells), '', ...goalLines(version), '',
        'Resident MiB, connected and after all loads:\n', ...memoryLines(version.memory), ...lossLines(version)];
}

function tables(results) {
    return [`\n${machineLine(results)}`,
        'Medians of the turns; latencies at half of what the slowest broker bore. spread: within what the middle half of the',
        'CPU times lies. generator: how much of the time it had a processor; less than 99 %, others used them.',
        ...results.versions.flatMap(versionLines)].join('\n');
}

module.exports = { tables, lossLines, machineLine, shown };
