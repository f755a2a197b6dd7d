// SPDX-License-Identifier: Apache-2.0
// What summary.js makes of figures, and of a page.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const { readHost, messagesOf, readDevice, together, plotted, replaced } = require('./summary.js');

const run = (name, cpu_time) => ({ run_type: 'iteration', run_name: name, cpu_time });

test('a benchmark has the median of its repetitions, and no aggregate counts', () => {
    const host = readHost({ benchmarks: [run('parse', 9), run('parse', 7), run('parse', 30),
        { run_type: 'aggregate', run_name: 'parse', cpu_time: 1000 }] });
    assert.deepStrictEqual(host.parse, { ns: 9, lowest: 7, highest: 30, overhead_bytes: undefined });
});

test('a benchmark that failed ends it, and says which', () => {
    const failed = { ...run('parse', 0), error_occurred: true, error_message: 'a call failed' };
    assert.throws(() => readHost({ benchmarks: [failed] }), /parse: a call failed/);
});

test('a step is compared with bare OpenSSL of the same algorithm and size', () => {
    const host = readHost({ benchmarks: [run('seal:A128GCM:64', 110), run('bare_seal:A128GCM:64', 100),
        run('bare_seal:A128GCM:16', 50), run('parse', 1)] });
    const [only, ...rest] = messagesOf(host);
    assert.deepStrictEqual([only.step, only.algorithm, only.bytes, only.bare_ns, only.ratio],
        ['seal', 'A128GCM', 64, 100, 1.1]);
    assert.strictEqual(rest.length, 0);
});

test('of what a processor printed, the lines about algorithms count', () => {
    const text = 'seal_64 7\nalgorithm ChaCha20/Poly1305 16 22637 24012\n100 passed, 0 failed\n';
    assert.deepStrictEqual(readDevice(text),
        [{ algorithm: 'ChaCha20/Poly1305', bytes: 16, seal: 22637, open: 24012 }]);
});

test('what is sealed together stands beside what is sealed alone', () => {
    const host = readHost({ benchmarks: [run('one_by_one:A128GCM:1024', 500), run('together:A128GCM:1024:64', 100.4),
        run('together:A128GCM:1024:8', 200), run('parse', 1)] });
    assert.deepStrictEqual(together(host).split('\n').filter((_, line) => line !== 1), [
        '| ns for each message | OpenSSL, one by one | 8 together | 64 together |',
        '| A128GCM, 1,024 bytes | 500 | 200 | 100 |']);
    const without = readHost({ benchmarks: [run('one_by_one:A128GCM:64', 500)] });
    assert.match(together(without), /A128GCM, 64 bytes \| 500 \|$/);
});

test('the plot has a block for each algorithm, two empty lines between', () => {
    const blocks = plotted([{ algorithm: 'A128GCM', bytes: 16, cost: 5 }]).split('\n\n\n');
    assert.strictEqual(blocks.length, 5);
    assert.strictEqual(blocks[2], '"A128GCM"\n16 5');
});

test('only what is between the marks of a page changes', () => {
    assert.strictEqual(replaced('a\n<!-- t -->\nold\n<!-- end of t -->\nb', 't', 'new\n'),
        'a\n<!-- t -->\nnew\n<!-- end of t -->\nb');
    assert.throws(() => replaced('a', 't', 'new'), /has no "<!-- t -->" with "<!-- end of t -->"/);
});
