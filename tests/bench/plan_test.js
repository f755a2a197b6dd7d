// SPDX-License-Identifier: Apache-2.0
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { calibration, linesOf } = require('./plan');
const { dynamicSecurity } = require('./site');
const { filled } = require('./page');

test('the calibration has a line for each payload and QoS, with fewer messages where each is many deliveries', () => {
    const lines = calibration(1000, [64, 16384], [0, 1]);
    assert.strictEqual(lines.length, 4);
    assert.strictEqual(lines[0], '--qos 0 --payload 64 --messages 24 --warm-up 6 --window 6');
    assert.match(calibration(1, [64], [1])[0], /--messages 4000 .*--window 64$/);
});

const calibrated = (perSecond, qos = 1) => ({ messages_per_second: perSecond,
    settings: { qos, payload_bytes: 64, subscribers: 10, window: 64 } });

test('a cell takes as long with each broker in closed loop, and has one rate for all in open loop', () => {
    const all = [calibrated(8000), calibrated(2000), calibrated(100, 0)];
    assert.deepStrictEqual(linesOf(all[0], all, 0.5), [
        '--qos 1 --payload 64 --messages 4000 --warm-up 500 --window 64',
        '--qos 1 --payload 64 --messages 500 --warm-up 32 --rate 1000.00']);
    assert.match(linesOf(all[1], all, 0.5)[0], /--messages 1000 /);
    assert.match(linesOf(all[1], all, 0.5)[1], /--rate 1000.00$/);
});

test('dynamic security lets each publisher send under its own name alone, however many there are', () => {
    const { roles, clients } = dynamicSecurity(2, 3);
    const topicsOf = (username) => clients.find((one) => one.username === username).roles
        .flatMap(({ rolename }) => roles.find((role) => role.rolename === rolename).acls)
        .filter(({ acltype }) => acltype === 'publishClientSend').map(({ topic }) => topic);
    assert.deepStrictEqual(topicsOf('bench-pub-1'), ['ward/bench-pub-1/#']);
    assert.deepStrictEqual(topicsOf('bench-pub-2'), ['ward/bench-pub-2/#']);
    assert.deepStrictEqual(topicsOf('bench-sub-3'), []);
    assert.strictEqual(clients.length, 5);
});

test('only what stands between the markers of a page is replaced', () => {
    const page = 'a\n<!-- curve -->\nold\nolder\n<!-- end of curve -->\nb\n';
    assert.strictEqual(filled(page, 'curve', ['new', '']), 'a\n<!-- curve -->\nnew\n<!-- end of curve -->\nb\n');
    assert.throws(() => filled(page, 'brokers', []), /no <!-- brokers --> with an <!-- end of brokers -->/);
});
