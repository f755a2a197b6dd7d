// SPDX-License-Identifier: Apache-2.0
// What tests/bench/micro/run has measured, as tables, as JSON and for the plot.
//
//   node summary.js HOST DEVICE FOLDER OPENSSL   HOST: what reseal-micro wrote; DEVICE: what the programs on the emulated
//                                                processor printed. Writes results.json, *.md and *.dat into FOLDER
//   node summary.js --write PAGE FOLDER          puts FOLDER's tables between the marks of PAGE
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const goalRatio = 1.15;
const ordinary = 'AES-CCM-16-128-128';
const order = [ordinary, 'AES-CCM-16-128-256', 'A128GCM', 'A256GCM', 'ChaCha20/Poly1305'];
const steps = [['seal', 'seal'], ['open', 'open'], ['open_and_seal', 'open and seal']];
// Benchmark, what it is, goal in nanoseconds.
const others = [
    ['parse', 'parse a header', 30],
    ['window_check', 'check a replay window', 10],
    ['replay_check/devices:1000000/sending:1000', 'find and check it, 1,000 of 1,000,000 devices sending', 10],
    ['replay_check/devices:1000000/sending:1000000', '… all of them sending in turn'],
    ['acl_decision/rules:10000/principals:1000000/sending:1000',
        'decide by 10,000 rules, 1,000 of 1,000,000 principals sending', 150],
    ['acl_decision/rules:10000/principals:1000000/sending:1000000', '… all of them sending in turn, none in a cache'],
];

function median(values) {
    const sorted = [...values].sort((x, y) => x - y);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// By benchmark: nanoseconds of CPU time, median of its repetitions, lowest and highest; bytes of overhead if it tells.
function readHost(json) {
    const times = {};
    for (const run of json.benchmarks.filter((each) => each.run_type === 'iteration')) {
        if (run.error_occurred) {
            throw new Error(`${run.run_name}: ${run.error_message}`);
        }
        (times[run.run_name] ??= { all: [], overhead: run.overhead_bytes }).all.push(run.cpu_time);
    }
    return Object.fromEntries(Object.entries(times).map(([name, { all, overhead }]) =>
        [name, { ns: median(all), lowest: Math.min(...all), highest: Math.max(...all), overhead_bytes: overhead }]));
}

// The steps of each algorithm and size, with bare OpenSSL's time and the ratio.
function messagesOf(host) {
    const out = [];
    for (const name of Object.keys(host)) {
        const [step, algorithm, size] = name.split(':');
        const bare = host[`bare_${name}`];
        if (bare) {
            out.push({ step, algorithm, bytes: Number(size), ...host[name], bare_ns: bare.ns,
                ratio: host[name].ns / bare.ns });
        }
    }
    return out.sort((x, y) => order.indexOf(x.algorithm) - order.indexOf(y.algorithm) || x.bytes - y.bytes);
}

function readDevice(text) {
    return [...text.matchAll(/^algorithm (\S+) (\d+) (\d+) (\d+)$/gm)].map(([, algorithm, bytes, seal, open]) =>
        ({ algorithm, bytes: Number(bytes), seal: Number(seal), open: Number(open) }));
}

function shown(number) {
    return Math.round(number).toLocaleString('en-US');
}

function verdict(value, goal) {
    return value <= goal ? 'reached' : 'missed';
}

function table(head, rows) {
    const line = (cells) => `| ${cells.join(' | ')} |`;
    return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function perMessage(host, messages) {
    const rows = steps.flatMap(([step, title]) => messages
        .filter((each) => each.step === step && each.algorithm === ordinary)
        .map((each) => [`${title}, ${shown(each.bytes)} bytes`, shown(each.ns), shown(each.bare_ns),
            each.ratio.toFixed(2), verdict(Number(each.ratio.toFixed(2)), goalRatio)]));
    const singles = others.map(([name, title, goal]) =>
        [title, host[name].ns.toFixed(1), goal ? String(goal) : '', goal ? verdict(host[name].ns, goal) : '']);
    return [
        table([`${ordinary}, ns`, 'Reseal', 'bare OpenSSL', 'ratio', `goal ${goalRatio}`], rows), '',
        table(['ns', 'measured', 'goal', ''], singles)].join('\n');
}

function algorithms(messages, device) {
    const of = (list, algorithm, bytes, step) => list.find((each) =>
        each.algorithm === algorithm && each.bytes === bytes && (!step || each.step === step));
    const rows = messages.filter((each) => each.step === 'seal').map((seal) => {
        const { algorithm: name, bytes } = seal;
        const open = of(messages, name, bytes, 'open');
        const small = of(device, name, bytes);
        return [`${name}, ${shown(bytes)} bytes`, shown(seal.overhead_bytes), shown(seal.ns), seal.ratio.toFixed(2),
            shown(open.ns), open.ratio.toFixed(2), shown(small.seal), shown(small.open)];
    });
    return table(['', 'bytes more', 'seal, ns', '÷ bare', 'open, ns', '÷ bare', 'seal, Cortex-M0+ instructions', 'open'],
        rows);
}

// What one message costs alone, and as one of so many that are sealed together; nothing without the multi-buffer library.
function together(host) {
    const rows = Object.keys(host).map((name) => name.split(':')).filter(([step]) => step === 'one_by_one')
        .map(([, algorithm, bytes]) => ({ algorithm, bytes, of: `${algorithm}:${bytes}` }))
        .sort((x, y) => order.indexOf(x.algorithm) - order.indexOf(y.algorithm) || x.bytes - y.bytes);
    const counts = Object.keys(host).filter((name) => name.startsWith(`together:${rows[0].of}:`))
        .map((name) => Number(name.split(':').pop())).sort((x, y) => x - y);
    return table(['ns for each message', 'OpenSSL, one by one', ...counts.map((count) => `${count} together`)],
        rows.map(({ algorithm, bytes, of }) => [`${algorithm}, ${shown(Number(bytes))} bytes`,
            shown(host[`one_by_one:${of}`].ns), ...counts.map((count) => shown(host[`together:${of}:${count}`].ns))]));
}

// For gnuplot: a block for each algorithm, its name in front, columns bytes and cost.
function plotted(entries) {
    const block = (name) => [`"${name}"`, ...entries.filter((each) => each.algorithm === name)
        .map((each) => `${each.bytes} ${each.cost}`)].join('\n');
    return `${order.map(block).join('\n\n\n')}\n`;
}

function summarise(hostFile, deviceFile, folder, openssl) {
    const host = readHost(JSON.parse(fs.readFileSync(hostFile)));
    const messages = messagesOf(host);
    const device = readDevice(fs.readFileSync(deviceFile, 'utf8'));
    const machine = { processor: os.cpus()[0].model, processors: os.cpus().length, kernel: os.release(), openssl };
    const note = `${os.cpus().length} × ${machine.processor}, Linux ${machine.kernel}, ${openssl}; ` +
        'CPU time, medians of repetitions in random order.';
    const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
    write('results.json', `${JSON.stringify(
        { format: 'reseal-micro/1', date: new Date().toISOString(), machine, host, messages, device }, null, 2)}\n`);
    write('per-message.md', `${note}\n\n${perMessage(host, messages)}\n`);
    write('algorithms.md', `${algorithms(messages, device)}\n`);
    write('together.md', `${together(host)}\n`);
    write('host.dat', plotted(messages.filter((each) => each.step === 'seal')
        .map((each) => ({ ...each, cost: each.ns }))));
    write('device.dat', plotted(device.map((each) => ({ ...each, cost: each.seal }))));
}

// `page` with `text` between the marks <!-- NAME --> and <!-- end of NAME -->.
function replaced(page, name, text) {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const from = page.indexOf(begin);
    const to = page.indexOf(end);
    if (from < 0 || to < from) {
        throw new Error(`the page has no "${begin.trim()}" with "${end}" after it: put both where the table belongs`);
    }
    return page.slice(0, from + begin.length) + text + page.slice(to);
}

function writePage(page, folder) {
    const text = ['per-message', 'together', 'algorithms'].reduce((so_far, name) =>
        replaced(so_far, name, fs.readFileSync(path.join(folder, `${name}.md`), 'utf8')), fs.readFileSync(page, 'utf8'));
    fs.writeFileSync(page, text);
}

if (require.main === module) {
    const [first, ...rest] = process.argv.slice(2);
    if (first === '--write') {
        writePage(...rest);
    } else {
        summarise(first, ...rest);
    }
}

module.exports = { median, readHost, messagesOf, readDevice, together, plotted, replaced };
