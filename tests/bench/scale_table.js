// SPDX-License-Identifier: Apache-2.0
// The table of tests/bench/scale: node scale_table.js RESULTS MOSQUITTO OUTPUT prints it and writes it to OUTPUT as JSON.
// RESULTS: lines of {principals, name, value}.
'use strict';

const fs = require('node:fs');
const os = require('node:os');

// What one line says of registries by size: {0: {start_seconds: 0.1}, 10000: {...}}.
function by_size(lines) {
    const out = {};
    for (const { principals, name, value } of lines) {
        (out[principals] ??= {})[name] = value;
    }
    return out;
}

const per = (name) => (run, size, all) => (run[name] - all[0][name]) / size;

// Title, figure of a run, goal (at most), unit, digits.
const rows = [
    ['start of the broker, seconds', (run) => run.start_seconds, 5, 2],
    ['… of which CPU time', (run) => run.start_cpu_seconds, null, 2],
    ['… with the replay state of all principals', (run) => run.with_replay_start_seconds, 5, 2],
    ['… of which CPU time', (run) => run.with_replay_start_cpu_seconds, null, 2],
    ['memory for each idle principal, bytes resident', per('rss_bytes'), 300, 0],
    ['… of which anonymous', per('anonymous_bytes'), 300, 0],
    ['… with the replay state of all, resident', per_with_replay('rss_bytes'), null, 0],
    ['a revoked client is disconnected after, seconds', (run) => run.revoke_seen_seconds, 2, 2],
    ['a new principal is let in after, seconds', (run) => run.add_seen_seconds, 2, 2],
    ['a new key is taken after, seconds', (run) => run.rotate_seen_seconds, 2, 2],
    ['replay state on disk for each device, bytes', (run) => run.replay_disk_bytes / run.replay_fill_keys, 64, 1],
    ['opening the replay state, milliseconds', (run) => run.replay_open_seconds * 1000, null, 1],
    ['… bytes of it read from disk', (run) => run.replay_open_bytes_read, null, 0],
    ['… once, after all devices are new to it, milliseconds', (run) => run.replay_sort_seconds * 1000, null, 1],
    ['import of the registry, principals a second', (run, size) => (size - 10000) / run.import_seconds, null, 0],
    ['registry on disk, bytes a principal', (run, size) => run.registry_bytes / size, null, 0],
    ['CPU of the idle broker, percent', (run) => run.idle_cpu_seconds_per_second * 100, null, 1],
];

function per_with_replay(name) {
    return (run, size, all) => (run[`with_replay_${name}`] - all[0][name]) / size;
}

function text(value, digits) {
    if (!Number.isFinite(value)) {
        return '–';
    }
    return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function table(all) {
    const sizes = Object.keys(all).map(Number).filter((size) => size > 0).sort((x, y) => x - y);
    const line = (cells) => `| ${cells.join(' | ')} |`;
    const out = [line(['principals', ...sizes.map((size) => text(size, 0)), 'goal']),
        line(['---', ...sizes.map(() => '---:'), '---:'])];
    for (const [title, figure, goal, digits] of rows) {
        const cells = sizes.map((size) => text(figure(all[size], size, all), digits));
        out.push(line([title, ...cells, goal === null ? '' : `≤ ${goal}`]));
    }
    return out;
}

function of_clients(run, size) {
    if (!run || !run.clients) {
        return [];
    }
    const sum = (what) => Object.keys(run).filter((name) => what.test(name)).reduce((all, name) => all + run[name], 0);
    const arrived = (who) => {
        const deliveries = sum(new RegExp(`^${who}_.*deliveries$`));
        return `${text(deliveries, 0)} of ${text(deliveries + sum(new RegExp(`^${who}_.*missing$`)), 0)}`;
    };
    return ['', `${text(run.clients, 0)} clients were connected to the broker with ${text(size, 0)} principals: ` +
        `${arrived('fleet')} messages of the devices arrived, and meanwhile, from one topic to its 1,000 subscribers, ` +
        `${arrived('ward')} copies.`];
}

function main([results, mosquitto, output]) {
    const all = by_size(fs.readFileSync(results, 'utf8').trim().split('\n').map((line) => JSON.parse(line)));
    const largest = Math.max(...Object.keys(all).map(Number));
    const machine = { cpu: os.cpus()[0].model, cores: os.cpus().length, kernel: os.release() };
    const lines = table(all);
    lines.push(...of_clients(all[largest], largest), '',
        `Mosquitto ${mosquitto}, ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}.`);
    fs.writeFileSync(output, `${JSON.stringify({ mosquitto, machine, sizes: all }, null, 2)}\n`);
    console.log(lines.join('\n'));
}

if (require.main === module) {
    main(process.argv.slice(2));
}

module.exports = { by_size, table, text, of_clients };
