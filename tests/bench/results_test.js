// SPDX-License-Identifier: Apache-2.0
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { median, spread } = require('./statistics');
const { ratios, readCells, readVersion } = require('./results');
const { judge, tally } = require('./goals');
const { lossLines } = require('./tables');

const folderOf = (context) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reseal-bench-'));
    context.after(() => fs.rmSync(folder, { recursive: true }));
    return folder;
};

test('the median is the middle one, or lies between the two in the middle', () => {
    assert.strictEqual(median([9, 1, 10]), 9);
    assert.strictEqual(median([4, 1, 3, 2]), 2.5);
});

test('a spread is the middle half of the turns, and needs a figure of each', () => {
    assert.deepStrictEqual(spread([3, 1, 2]), { value: 2, low: 1.5, high: 2.5 });
    assert.deepStrictEqual(spread([5, 1, 4, 2, 3]), { value: 3, low: 2, high: 4 });
    assert.strictEqual(spread([3, null, 2]), null);
    assert.strictEqual(spread([]), null);
});

// One line of reseal-bench.
const line = (loop, { rate = 100, cpu = 10, p99 = 2, missing = 0, qos = 1, before = 5, after = 6, of = 10 } = {}) => ({
    settings: { subscribers: of, payload_bytes: 256, qos, loop, rate: 50 }, deliveries_per_second: rate, missing,
    latency_us: missing > 0 ? null : { p50: 1, p99, p99_9: 3 },
    seconds: 4, generator: { cpu_seconds: 3 },
    broker: { cpu_seconds_per_million_deliveries: cpu, rss_kib_before: before, rss_kib: after },
});
const write = (folder, name, lines) =>
    fs.writeFileSync(path.join(folder, name), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));

const measured = (settings) => {
    const [closed, open] = [line('closed', settings), line('open', settings)];
    return { closed: [closed], open: [open], figures: {
        deliveries_per_second: spread([settings.rate]), cpu_seconds_per_million_deliveries: spread([settings.cpu]),
        p99_us: spread([settings.p99]) } };
};

test('a broker that spends twice the CPU time has a ratio of one half', () => {
    const of = ratios(measured({ rate: 90, cpu: 20, p99: 120 }), measured({ rate: 100, cpu: 10, p99: 100 }));
    assert.strictEqual(of.throughput.value, 0.9);
    assert.deepStrictEqual(of.cpu, { value: 0.5, low: 0.5, high: 0.5 });
    assert.strictEqual(of.p99.value, 1.2);
});

test('what was not measured has no ratio', () => {
    const lost = measured({ rate: 90, cpu: 20, p99: 120 });
    lost.figures.p99_us = null;
    assert.strictEqual(ratios(lost, measured({ rate: 100, cpu: 10, p99: 100 })).p99, null);
});

test('a ratio is the median of the turns, each against its own', (context) => {
    const folder = folderOf(context);
    const round = (...turns) => turns.flatMap((cpu) => [line('closed', { cpu }), line('open')]);
    write(folder, 'a.1.jsonl', round(10, 30));
    write(folder, 'd.1.jsonl', round(20, 30));
    write(folder, 'a.2.jsonl', round(30));
    write(folder, 'd.2.jsonl', round(40));
    const { cpu } = readCells(folder, '2.0.11').cells[0].ratios['d/a'];
    assert.deepStrictEqual(cpu, { value: 0.75, low: 0.625, high: 0.875 });
});

test('what costs the least shows which goals can be met', (context) => {
    const folder = folderOf(context);
    const measure = (letter, cpu) => write(folder, `${letter}.1.jsonl`, [line('closed', { cpu }), line('open')]);
    measure('a', 8);
    measure('d', 16);
    measure('f', 10);
    const { cells } = readCells(folder, '2.1.2');
    assert.strictEqual(cells[0].ratios['d/a'].least_cpu.value, 0.8);
    assert.strictEqual(tally('d/a', { cells, mosquitto: '2.1.2' }).reachable, 0);
    measure('f', 9);
    assert.strictEqual(tally('d/a', { cells: readCells(folder, '2.1.2').cells, mosquitto: '2.1.2' }).reachable, 1);
});

test('a cell takes its rounds, and leaves the calibration out', (context) => {
    const folder = folderOf(context);
    write(folder, 'a.0.jsonl', [line('closed', { rate: 1, missing: 1000 })]);
    [100, 300, 200].forEach((rate, index) => write(folder, `a.${index + 1}.jsonl`,
        [line('closed', { rate }), line('open', { p99: index + 2 }), line('closed', { rate: 7, qos: 0 }),
            line('open', { qos: 0, after: 8 })]));
    const { cells, memory } = readCells(folder, '2.0.11');
    assert.deepStrictEqual(cells.map((cell) => [cell.fan_out, cell.payload_bytes, cell.qos]), [[10, 256, 1], [10, 256, 0]]);
    assert.deepStrictEqual(cells[0].brokers.a.deliveries_per_second, { value: 200, low: 150, high: 250 });
    assert.deepStrictEqual(cells[0].brokers.a.p99_us, { value: 3, low: 2.5, high: 3.5 });
    assert.strictEqual(cells[0].brokers.a.generator_share.value, 0.75);
    assert.strictEqual(cells[0].brokers.a.missing, 0);
    assert.deepStrictEqual(memory.brokers.a, { connected_kib: { value: 5, low: 5, high: 5 },
        loaded_kib: { value: 8, low: 8, high: 8 } });
});

test('a loss in one round shows, and no latency is taken from the others', (context) => {
    const folder = path.join(folderOf(context), '2.0.11', '10');
    fs.mkdirSync(folder, { recursive: true });
    write(folder, 'a.1.jsonl', [line('closed'), line('open')]);
    write(folder, 'a.2.jsonl', [line('closed', { missing: 3 }), line('open', { missing: 4 })]);
    const version = readVersion(path.dirname(path.dirname(folder)), '2.0.11');
    assert.strictEqual(version.cells[0].brokers.a.missing, 7);
    assert.strictEqual(version.cells[0].brokers.a.p99_us, null);
    assert.deepStrictEqual(lossLines(version),
        ['LOST: 7 deliveries of Mosquitto 2.0.11, broker a, fan-out 10, 256 bytes, QoS 1']);
});

const ratio = (cpu, p99) => ({ cpu: spread([cpu]), p99: spread([p99]) });

test('the goals are those of the broker and of the pair', () => {
    assert.deepStrictEqual(judge('d/a', ratio(0.9, 1.2), '2.0.21'), []);
    assert.deepStrictEqual(judge('d/a', ratio(0.89, 1.21), '2.0.21'), ['cpu', 'p99']);
    assert.deepStrictEqual(judge('e/b', ratio(0.86, 1), '2.1.2'), []);
    assert.deepStrictEqual(judge('e/c', ratio(0.99, 3), '2.1.2'), ['cpu']);
    assert.deepStrictEqual(judge('e/b', { cpu: null, p99: null }, '2.1.2'), ['cpu', 'p99']);
});

test('the tally of a pair counts cells', () => {
    const cells = [[0.96, 1], [0.91, 1.3], [0.8, 1]].map(([cpu, p99]) => {
        const of = ratio(cpu, p99);
        return { ratios: { 'd/a': { ...of, missed: judge('d/a', of, '2.0.11') } } };
    });
    assert.deepStrictEqual(tally('d/a', { cells, mosquitto: '2.0.11' }),
        { pair: 'd/a', cells: 3, goal: 0.9, cpu: 2, reachable: null, most: 1, p99: 2, lowest: 0.8 });
});
