'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { median, spread, ratios, readCell } = require('./summary');

test('the median is the middle one, or lies between the two in the middle', () => {
    assert.strictEqual(median([9, 1, 10]), 9);
    assert.strictEqual(median([4, 1, 3, 2]), 2.5);
});

test('a spread needs a figure of every run', () => {
    assert.deepStrictEqual(spread([3, 1, 2]), { median: 2, lowest: 1, highest: 3 });
    assert.strictEqual(spread([3, null, 2]), null);
    assert.strictEqual(spread([]), null);
});

const figures = (rate, cpu, p99) => ({
    deliveries_per_second: spread([rate]),
    cpu_seconds_per_million_deliveries: spread([cpu]),
    p99_us: p99 === null ? null : spread([p99]),
});

test('a broker that spends twice the CPU time has a ratio of one half', () => {
    const of = ratios(figures(90, 20, 120), figures(100, 10, 100));
    assert.deepStrictEqual(of, { throughput: 0.9, cpu: 0.5, p99: 1.2 });
});

test('what was not measured has no ratio', () => {
    assert.strictEqual(ratios(figures(90, 20, null), figures(100, 10, 100)).p99, null);
});

test('a cell takes the medians of its rounds and leaves the calibration out', (context) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reseal-bench-'));
    context.after(() => fs.rmSync(folder, { recursive: true }));
    const run = (name, rate, missing) => fs.writeFileSync(path.join(folder, name), JSON.stringify({
        settings: { subscribers: 10, payload_bytes: 256, qos: 1 }, deliveries_per_second: rate, missing,
        latency_us: { p50: 1, p99: 2, p99_9: 3 }, seconds: 4, generator: { cpu_seconds: 3 },
        broker: { cpu_seconds_per_million_deliveries: 5, rss_kib: 6, anonymous_kib: 7 },
    }));
    run('a.0.json', 1, 1000);
    run('a.1.closed.json', 100, 0);
    run('a.2.closed.json', 300, 4);
    run('a.3.closed.json', 200, 0);
    run('a.1.open.json', 50, 2);
    run('d.1.closed.json', 100, 0);
    run('d.1.open.json', 50, 0);
    const cell = readCell(folder);
    assert.strictEqual(cell.fan_out, 10);
    assert.deepStrictEqual(cell.brokers.a.deliveries_per_second, { median: 200, lowest: 100, highest: 300 });
    assert.strictEqual(cell.brokers.a.missing, 6);
    assert.strictEqual(cell.brokers.a.generator_busy.median, 0.75);
    assert.deepStrictEqual(Object.keys(cell.ratios), ['d/a']);
    assert.strictEqual(cell.ratios['d/a'].throughput, 0.5);
});
