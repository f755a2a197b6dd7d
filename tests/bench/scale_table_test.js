// SPDX-License-Identifier: Apache-2.0
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const { by_size, of_clients, table, text } = require('./scale_table.js');

const lines = [
    { principals: 0, name: 'rss_bytes', value: 1000 },
    { principals: 10000, name: 'rss_bytes', value: 2501000 },
    { principals: 10000, name: 'start_seconds', value: 0.123 },
    { principals: 20000, name: 'rss_bytes', value: 5001000 },
    { principals: 20000, name: 'replay_disk_bytes', value: 1284096 },
    { principals: 20000, name: 'replay_fill_keys', value: 20000 },
];

function row(title) {
    return table(by_size(lines)).find((line) => line.startsWith(`| ${title} |`));
}

test('has a column for each size but the empty registry', () => {
    assert.strictEqual(table(by_size(lines))[0], '| principals | 10,000 | 20,000 | goal |');
});

test('divides what is more than with an empty registry by the principals', () => {
    assert.strictEqual(row('memory for each idle principal, bytes resident'),
        '| memory for each idle principal, bytes resident | 250 | 250 | ≤ 300 |');
});

test('shows the goal beside the figure, and a dash for what was not measured', () => {
    assert.strictEqual(row('start of the broker, seconds'), '| start of the broker, seconds | 0.12 | – | ≤ 5 |');
    assert.strictEqual(row('replay state on disk for each device, bytes'),
        '| replay state on disk for each device, bytes | – | 64.2 | ≤ 64 |');
});

test('parts thousands in front of the point only', () => {
    assert.strictEqual(text(1234567.891, 3), '1,234,567.891');
    assert.strictEqual(text(999, 0), '999');
});

test('says nothing of clients that did not connect', () => {
    assert.deepStrictEqual(of_clients({}, 10000), []);
});

test('says how many of the messages arrived', () => {
    const run = { clients: 10002, fleet_1_deliveries: 5, fleet_1_missing: 1, fleet_2_deliveries: 4,
        fleet_2_missing: 0, ward_deliveries: 7, ward_missing: 0 };
    const said = of_clients(run, 10000).join('\n');
    assert.match(said, /10,002 clients/);
    assert.match(said, /9 of 10 messages/);
    assert.match(said, /7 of 7 copies/);
});
