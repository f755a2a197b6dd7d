// SPDX-License-Identifier: Apache-2.0
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { readFanOut, batchesSection } = require('./batches');

const line = (payload, cpu) => JSON.stringify({ settings: { subscribers: 100, payload_bytes: payload, qos: 0 }, missing: 0,
    broker: { cpu_seconds_per_million_deliveries: cpu } });

test('a cell is how many times less CPU time the broker takes, turn by turn', (context) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reseal-bench-'));
    context.after(() => fs.rmSync(folder, { recursive: true }));
    const write = (name, ...cpu) => fs.writeFileSync(path.join(folder, name),
        cpu.map((value, index) => line(64 << index, value)).join('\n'));
    write('d.0.jsonl', 1, 1); // the calibration does not count
    write('d.1.jsonl', 8, 10);
    write('o.1.jsonl', 12, 10);
    write('d.2.jsonl', 8, 10);
    write('o.2.jsonl', 8, 10);
    const [small, large] = readFanOut(folder);
    assert.deepStrictEqual([small.payload_bytes, small.cpu_us, small.cpu_us_one_by_one], [64, 8, 10]);
    assert.deepStrictEqual([small.ratio.low, small.ratio.high], [1.125, 1.375]);
    assert.strictEqual(large.ratio.value, 1);
});

test('the page has a row for each cell, and says what was lost', () => {
    const cell = { fan_out: 10, payload_bytes: 64, qos: 0, cpu_us: 5, cpu_us_one_by_one: 6, missing: 3,
        ratio: { value: 1.2, low: 1.1, high: 1.3 } };
    const machine = { processor: 'p', processors: 2, kernel: 'k', memory_gib: 1 };
    const lines = batchesSection({ date: '2026-01-01T', clients: 'c', machine, versions: [{ mosquitto: '2.0.11', cells: [cell] }] });
    assert.ok(lines.includes('| 2.0.11 | 10 | 64 | 6.00 | 5.00 | 1.20 (1.10–1.30) |'), lines.join('\n'));
    assert.ok(lines.at(-1).includes('LOST: 3 deliveries'), lines.at(-1));
});
