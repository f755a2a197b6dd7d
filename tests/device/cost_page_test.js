// SPDX-License-Identifier: Apache-2.0
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const energy = require('./energy');
const { ways, connectOf, dayOf, days, differences, main } = require('./cost_page');
const figures = require('../../docs/device-cost.json');

const { rp2040 } = energy.processors;
const connect = (name) => connectOf(figures, ways.find((way) => way.name === name), rp2040);

test('docs/device-cost.md and its plot show the figures of docs/device-cost.json', () => main(['check']));

test('the processor takes supply × current × cycles ÷ clock', () => {
    const processor = { hertz: 100e6, cyclesPerInstruction: 2, milliamperes: 10 };
    assert.strictEqual(energy.secondsOf(50e6, processor), 1);
    assert.ok(Math.abs(energy.processorJoules(50e6, processor) - 0.033) < 1e-12);
});

test('each flight is at least one segment, with its headers', () => {
    assert.deepStrictEqual(energy.segments([0, 100, 1461]), { count: 4, bytes: 1561 + 4 * 40 });
});

test('a figure that moved by more than 3 % or is gone is named', () => {
    assert.deepStrictEqual(differences({ a: 100, b: 100, c: 1 }, { a: 103, b: 104, d: 1 }),
        ['b is 104 and was 100', 'c is undefined and was 1']);
});

test('a resumed session spares the key exchange, and one round trip', () => {
    assert.ok(connect('certificates, by ticket').instructions * 50 < connect('certificates').instructions);
    assert.strictEqual(connect('certificates').roundTrips - connect('certificates, by ticket').roundTrips, 1);
});

test('a day is its first connection, its reconnects and its messages', () => {
    const [plain] = days;
    const none = dayOf(figures, plain, rp2040, { everySeconds: 86400, reconnects: 0 });
    const one = dayOf(figures, plain, rp2040, { everySeconds: 86400, reconnects: 1 });
    assert.ok(Math.abs(one.joules - none.joules - connect('plain MQTT').joules) < 1e-12);
});
